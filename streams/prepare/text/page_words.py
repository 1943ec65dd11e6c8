"""Owns, by language, the words of pages that are no article: challenges, errors, consent, login.

Each value is a regular expression without capturing groups, compiled without regard to case.
"""

NO_ARTICLE_TITLES = {
    "en": r"just a moment\W*|attention required\W*|access (?:is )?denied|access to this (?:page|site) has been denied"
    r"|(?:error |http )?(?:400|401|403|404|410|429|500|502|503|504|52\d|10\d\d)(?:\W{0,3}(?:error|forbidden"
    r"|not found|service (?:temporarily )?unavailable|bad gateway|gateway time-?out|too many requests|unauthori[sz]ed"
    r"|internal server error|backend fetch failed|bad request|gone|access denied|web server is down"
    r"|connection timed out|origin is unreachable))?"
    r"|forbidden|(?:the )?(?:page|file|resource) (?:was |is )?not found|not found|service (?:temporarily )?unavailable"
    r"|too many requests|internal server error|bad gateway|error: the request could not be satisfied"
    r"|(?:please )?verify(?:ing)? (?:that )?you are (?:a )?human\W*.{0,60}|human verification"
    r"|security (?:check|verification)"
    r"|(?:robot|bot) (?:check|verification)|are you (?:a )?(?:robot|human)\W*|pardon our interruption\W*"
    r"|(?:one|please) (?:moment|wait)(?:,? please)?\W*|checking your browser.{0,60}|ddos[- ]guard"
    r"|ddos protection.{0,40}"
    r"|request (?:rejected|blocked|unsuccessful)|you have been blocked|sorry,? you have been blocked"
    r"|before you continue(?: to .{1,60})?|(?:cookie|privacy) (?:consent|settings|preferences|notice|choices)"
    r"|(?:we value )?your privacy(?: choices)?|consent|(?:sign|log)[- ]?in(?: to .{1,60})?|login|log on"
    r"|(?:please )?enable javascript.{0,40}|javascript (?:is )?(?:required|disabled)"
    r"|(?:site |scheduled |under )maintenance|we'll be (?:right )?back(?: soon)?",
    "de": r"einen moment(?: bitte)?\W*|bitte warten\W*|zugriff (?:verweigert|gesperrt)|seite nicht gefunden"
    r"|sicherheitsprüfung|bevor (?:sie|du) .{0,40}(?:fortfahren|weitergehst|fortfährst)|anmelden|anmeldung|einloggen"
    r"|datenschutz(?:einstellungen)?|cookie-?einstellungen|ihre privatsphäre.{0,40}|wartungsarbeiten"
    r"|dienst (?:vorübergehend )?nicht verfügbar",
    "fr": r"un (?:instant|moment)\W*|veuillez patienter\W*|accès (?:refusé|interdit)|page (?:introuvable|non trouvée)"
    r"|vérification de sécurité|avant de (?:continuer|poursuivre).{0,60}|connexion|se connecter|identification"
    r"|(?:vos )?paramètres (?:de confidentialité|des cookies)|votre vie privée.{0,40}|site en maintenance"
    r"|service (?:temporairement )?indisponible",
    "es": r"un momento\W*|espere,? por favor|acceso denegado|página no encontrada|verificación de seguridad"
    r"|antes de continuar.{0,60}|iniciar sesión|acceso|configuración de (?:cookies|privacidad)|su privacidad.{0,40}"
    r"|sitio en mantenimiento|servicio no disponible",
    "it": r"un (?:attimo|momento)\W*|attendere(?: prego)?\W*|accesso negato|pagina non trovata"
    r"|prima di continuare.{0,60}|accedi|la tua privacy.{0,40}|impostazioni (?:dei cookie|sulla privacy)"
    r"|sito in manutenzione|servizio non disponibile",
    "nl": r"een (?:ogenblik|moment)(?: geduld)?\W*|even geduld\W*|toegang geweigerd|pagina niet gevonden"
    r"|voordat je (?:verdergaat|doorgaat).{0,60}|inloggen|aanmelden|privacy-?instellingen|cookie-?instellingen"
    r"|(?:site )?onderhoud",
    "pt": r"um momento\W*|aguarde\W*|acesso negado|página não encontrada|antes de continuar.{0,60}|iniciar sessão"
    r"|entrar|definições de privacidade|site em manutenção",
}
"""Titles of such pages, whole or beside the name of the site."""
TO_THE_READER = {
    "en": r"\b(?:enable|turn on|activate) (?:java ?script|cookies)|java ?script (?:is|must be|to be) (?:\w+ )?"
    r"(?:disabled|enabled|required)|need to enable java ?script|without java ?script|browser (?:does not"
    r"|doesn't) support"
    r"|verify(?:ing)? (?:that )?you(?:'re| are) (?:a |not a )?(?:human|robot)|not a robot|(?:complete"
    r"|solve) .{0,30}captcha"
    r"|checking (?:if the site connection|your browser)|review the security of your connection"
    r"|security service to protect"
    r"|(?:don't|do not) have (?:permission|access) to|have been blocked|unusual (?:traffic|activity) from"
    r"|your (?:ip|browser|request|connection) (?:address )?(?:has|was|could|is)\b|ray id|incident id|reference (?:#|id)"
    r"|request could not be satisfied|server (?:is )?(?:temporarily )?(?:unable|unavailable|overloaded)"
    r"|try again (?:later|in)"
    r"|(?:sign|log) ?in (?:to|or)\b|forgot(?:ten)? (?:your )?password|create (?:a free |an )account"
    r"|we (?:and our .{0,30}partners )?(?:use|store|value|care about) .{0,40}(?:cookies|privacy"
    r"|information on a device)"
    r"|(?:accept|reject) all|manage (?:your )?(?:preferences|choices|cookies)|use cookies and data"
    r"|requested (?:url|page|resource) .{0,60}not (?:found|exist)|page you .{0,40}(?:looking for|requested)",
    "de": r"(?:aktivieren sie|bitte) .{0,30}java ?script|java ?script .{0,30}(?:aktivier|deaktivier)|kein roboter"
    r"|wir (?:und unsere .{0,30}partner )?(?:verwenden|nutzen|setzen) .{0,40}cookies|alle (?:akzeptieren|ablehnen)"
    r"|keine berechtigung|zugriff .{0,40}(?:verweigert|gesperrt)|passwort vergessen|später (?:noch einmal|erneut)"
    r"|menschlich|ihre verbindung",
    "fr": r"activer java ?script|java ?script .{0,30}(?:activé|désactivé)|(?:pas|n'êtes pas) un robot"
    r"|nous (?:et nos .{0,30}partenaires )?(?:utilisons|stockons) .{0,40}(?:cookies|informations)"
    r"|tout (?:accepter|refuser)|pas (?:l'autorisation|la permission|le droit)|mot de passe oublié|réessay",
    "es": r"(?:habilit|activ)\w{1,6} java ?script|no (?:es|soy|eres) un robot"
    r"|(?:usamos|utilizamos|nosotros y nuestros socios) .{0,40}(?:cookies|información)?|(?:aceptar|rechazar) todo"
    r"|no tiene permiso|olvid\w{1,6} .{0,15}contraseña|inténtelo",
    "it": r"(?:abilita|attiva)\w{0,4} java ?script|non (?:sei|sono) un robot|(?:usiamo|utilizziamo) .{0,40}cookie"
    r"|(?:accetta|rifiuta) tutto|non (?:hai|ha) .{0,15}(?:permesso|autorizzazione)|password dimenticata|riprova",
    "nl": r"(?:schakel|zet) java ?script|geen robot|(?:wij|we) (?:en onze partners )?gebruiken .{0,40}cookies"
    r"|alles (?:accepteren|weigeren)|geen toestemming|wachtwoord vergeten|probeer het",
    "pt": r"(?:ative|habilite) o java ?script|não (?:é|sou) um robô|(?:usamos|utilizamos) .{0,40}cookies"
    r"|(?:aceitar|rejeitar) tudo|não tem permissão|esqueceu .{0,15}senha|tente novamente",
}
"""What such a page says to its reader. The sentences of an article do not speak to the reader in this way."""
YOU = {
    "en": r"you(?:r|rs)?",
    "fr": r"(?:vous|votre|vos)",
    "es": r"(?:usted|tus?)",
    "nl": r"(?:uw?|je|jouw)",
    "pt": "você",
}
"""How a sentence speaks to one person. Articles do so too, but not in every sentence."""
