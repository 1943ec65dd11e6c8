package consumers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Follow BROKER APPLICATION STATE TOPIC...: a KTable of each topic, and each change of it on standard output.
 *
 * <p>The newest record of a key is the whole story and a null value takes it away, so the table is what Kafka Streams
 * makes of the topic. The processor before it drops what must not reach a table: repeats, and records that are not ours.
 * When standard input ends, the tables are printed and the program stops.
 */
public class Follow {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Passes on the records of one topic that change something; a withdrawn item becomes a null. */
  static class OnlyChanges extends ContextualFixedKeyProcessor<String, byte[], byte[]> {
    final String topic;
    KeyValueStore<String, String> known;

    OnlyChanges(String topic) {
      this.topic = topic;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, byte[]> context) {
      super.init(context);
      known = context.getStateStore(versions(topic));
    }

    @Override
    public void process(FixedKeyRecord<String, byte[]> record) {
      String id = header(record.headers(), "ce_id");
      int end = id.lastIndexOf('/');
      if (end < 1 || !id.substring(0, end).equals(record.key()) || !id.substring(end + 1).matches("[0-9]{1,18}")) return;
      boolean withdrawn = header(record.headers(), "ce_type").equals("news.item.withdrawn");
      byte[] value = record.value();
      if (value != null) {
        try {
          JsonNode item = JSON.readTree(value);
          if (!item.isObject() || !record.key().equals(item.path("uri").textValue())) return;
          withdrawn = "canceled".equals(item.path("pubStatus").textValue());
        } catch (IOException notJson) {
          return;
        }
      }
      boolean left = value == null || withdrawn;
      // The newest version that is known, and whether the story stands in the topic: "3 here", "4 gone".
      String[] before = (known.get(record.key()) + " ").split(" ");
      if (!before[0].equals("null") && Long.parseLong(id.substring(end + 1)) <= Long.parseLong(before[0])) return;
      boolean stood = before.length > 1 && before[1].equals("here");
      known.put(record.key(), id.substring(end + 1) + (left ? " gone" : " here"));
      if (left && !stood) return;
      String kind = withdrawn ? "withdrawn" : left ? "moved" : stood ? "changed" : "added";
      System.out.println(kind + " " + topic + " " + id);
      context().forward(record.withValue(left ? null : value));
    }

    static String header(Headers headers, String name) {
      Header found = headers.lastHeader(name);
      return found == null || found.value() == null ? "" : new String(found.value(), StandardCharsets.UTF_8);
    }
  }

  static String versions(String topic) {
    return topic + "-versions";
  }

  static String stories(String topic) {
    return topic + "-stories";
  }

  static void addTable(StreamsBuilder builder, String topic) {
    FixedKeyProcessorSupplier<String, byte[], byte[]> onlyChanges =
        new FixedKeyProcessorSupplier<>() {
          @Override
          public FixedKeyProcessor<String, byte[], byte[]> get() {
            return new OnlyChanges(topic);
          }

          @Override
          public Set<StoreBuilder<?>> stores() {
            return Set.of(
                Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(versions(topic)), Serdes.String(), Serdes.String()));
          }
        };
    builder.stream(topic, Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .processValues(onlyChanges)
        .toTable(
            Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as(stories(topic))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray()));
  }

  public static void main(String[] arguments) throws IOException {
    List<String> topics = List.of(arguments).subList(3, arguments.length);
    Properties options = new Properties();
    options.put("bootstrap.servers", arguments[0]);
    options.put("application.id", arguments[1]);
    options.put("state.dir", arguments[2]);
    options.put("processing.guarantee", "exactly_once_v2");
    options.put("auto.offset.reset", "earliest");
    options.put("replication.factor", "-1");
    StreamsBuilder builder = new StreamsBuilder();
    topics.forEach(topic -> addTable(builder, topic));
    KafkaStreams streams = new KafkaStreams(builder.build(), options);
    streams.start();
    while (System.in.read() >= 0) {}
    for (String topic : topics) printTable(streams, topic);
    System.out.flush();
    streams.close();
  }

  static void printTable(KafkaStreams streams, String topic) throws IOException {
    var query = StoreQueryParameters.fromNameAndType(stories(topic), QueryableStoreTypes.<String, byte[]>keyValueStore());
    try (KeyValueIterator<String, byte[]> rows = streams.store(query).all()) {
      while (rows.hasNext()) {
        KeyValue<String, byte[]> row = rows.next();
        System.out.println("story " + topic + " " + JSON.writeValueAsString(JSON.readTree(row.value)));
      }
    }
  }
}
