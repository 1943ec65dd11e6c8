package bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams, Processor API: Plain BROKER RUN INPUT exactly-once|at-least-once memory|disk. */
public class Plain {
  static final String[] SECTIONS = {"markets", "politics", "tech", "sports", "science", "health", "world", "culture"};

  static class Dedupe implements Processor<byte[], byte[], byte[], byte[]> {
    final ObjectMapper mapper = new ObjectMapper();
    ProcessorContext<byte[], byte[]> context;
    KeyValueStore<String, Long> seen;

    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      seen = context.getStateStore("seen");
    }

    public void process(Record<byte[], byte[]> record) {
      try {
        ObjectNode item = (ObjectNode) mapper.readTree(record.value());
        String guid = item.get("guid").textValue();
        if (seen.get(guid) != null) return;
        long now = System.currentTimeMillis();
        seen.put(guid, now);
        String body = item.get("body").textValue();
        int words = 1;
        for (int i = 0; i < body.length(); i++) if (body.charAt(i) == ' ') words++;
        String section = item.get("category").textValue();
        item.put("ingested_at", now).put("words", words).put("dedupe_key", guid).put("route", section);
        byte[] key = guid.getBytes(StandardCharsets.UTF_8);
        context.forward(record.withKey(key).withValue(mapper.writeValueAsBytes(item)), section);
      } catch (IOException error) {
        throw new RuntimeException(error);
      }
    }
  }

  public static void main(String[] arguments) {
    String broker = arguments[0], run = arguments[1], input = arguments[2];
    boolean exactlyOnce = arguments[3].equals("exactly-once");
    Properties options = new Properties();
    options.put("application.id", run);
    options.put("bootstrap.servers", broker);
    options.put("state.dir", System.getProperty("java.io.tmpdir") + "/" + run);
    options.put("processing.guarantee", exactlyOnce ? "exactly_once_v2" : "at_least_once");
    options.put("commit.interval.ms", exactlyOnce ? "100" : "1000");
    options.put("num.stream.threads", "1");
    options.put("auto.offset.reset", "earliest");
    options.put("replication.factor", "1");
    options.put("statestore.cache.max.bytes", "0");
    options.put("producer.compression.type", "zstd");
    options.put("producer.batch.size", "262144");
    options.put("producer.linger.ms", "20");
    options.put("consumer.max.poll.records", "2000");
    options.put("consumer.max.partition.fetch.bytes", "4194304");
    Topology topology = new Topology();
    topology.addSource("input", new ByteArrayDeserializer(), new ByteArrayDeserializer(), input);
    topology.addProcessor("dedupe", Dedupe::new, "input");
    KeyValueBytesStoreSupplier store =
        arguments[4].equals("disk") ? Stores.persistentKeyValueStore("seen") : Stores.inMemoryKeyValueStore("seen");
    topology.addStateStore(Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.Long()), "dedupe");
    for (String section : SECTIONS)
      topology.addSink(section, run + "." + section, new ByteArraySerializer(), new ByteArraySerializer(), "dedupe");
    KafkaStreams streams = new KafkaStreams(topology, options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(4))));
    streams.start();
  }
}
