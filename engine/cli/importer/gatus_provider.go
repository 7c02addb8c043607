package importer

import (
	"net/url"
	"strings"

	"polyhealth/engine/cli/draft"
)

// settings are what a provider is told, the first that speaks of a key being right:
// the alert, the endpoint's group, and the provider itself. Some may be nil.
type settings []*section

func (s settings) text(key string) (text string) {
	for _, layer := range s {
		if layer == nil {
			continue
		}
		if t := layer.text(key); text == "" {
			text = t
		}
	}
	return text
}

// providerKinds are the providers that have an equivalent.
var providerKinds = map[string]func(s settings, m *draft.Map) gap{
	"telegram": telegram, "email": email, "custom": custom,
	"slack": posted("text"), "mattermost": posted("text"), "rocketchat": posted("text"), "googlechat": posted("text"),
	"teams": posted("text"), "discord": posted("content"), "webex": posted("markdown"),
	"zapier": hook, "n8n": hook, "teams-workflows": workflows,
	"ntfy": ntfy, "gotify": gotify, "pushover": pushover, "pagerduty": pagerduty, "opsgenie": opsgenie,
	"matrix": matrix, "signal": signal, "twilio": twilio, "ifttt": ifttt,
}

// noProvider are those of Gatus that nothing here speaks to.
var noProvider = []string{
	"aws-ses", "clickup", "datadog", "github", "gitlab", "gitea", "homeassistant", "ilert", "incident-io", "line",
	"messagebird", "newrelic", "plivo", "sendgrid", "signl4", "splunk", "squadcast", "vonage", "zulip",
}

// providerWithout are settings of providers that have no equivalent.
var providerWithout = map[string]string{
	"client": "alerts go out by polyhealth's own client", "title": "the text is polyhealth's own",
	"message-content": "the text is polyhealth's own", "channel": "the webhook's own channel is used",
	"text-twilio-triggered": "the text is polyhealth's own", "text-twilio-resolved": "the text is polyhealth's own",
	"placeholders": "", "email": "", "click": "", "disable-firebase": "", "disable-cache": "", "resolved-priority": "",
	"sound": "", "ttl": "", "source": "", "entity-prefix": "", "alias-prefix": "", "tags": "", "group": "",
}

// write writes the notifier, or says why there is none.
func (s settings) write(kind string, m *draft.Map) gap {
	if make, ok := providerKinds[kind]; ok {
		return make(s, m)
	}
	for _, name := range noProvider {
		if name == kind {
			return "no notifier speaks to it; a webhook or command may"
		}
	}
	return "no such provider is known"
}

func telegram(s settings, m *draft.Map) gap {
	t := m.In("telegram")
	secret(t, "token", s.text("token"))
	if id := s.text("id"); wholePattern.MatchString(id) {
		t.Set("chat_id", draft.Plain(id))
	} else {
		set(t, "chat_id", id)
	}
	setPlain(t, "thread_id", draft.Plain(s.text("topic-id")))
	set(t, "api_url", s.text("api-url"))
	return ""
}

func email(s settings, m *draft.Map) gap {
	e, port, password := m.In("email"), s.text("port"), s.text("password")
	set(e, "host", s.text("host"))
	setPlain(e, "port", draft.Plain(port))
	switch port {
	case "465":
		e.Set("tls", draft.Plain("tls"))
	case "25":
		e.Set("tls", draft.Plain("none")).Note("Gatus would use STARTTLS where the server offers it")
	}
	if username := orElse(s.text("username"), s.text("from")); password != "" {
		set(e, "username", username)
		secret(e, "password", password)
	}
	set(e, "from", s.text("from"))
	var to []string
	for address := range strings.SplitSeq(s.text("to"), ",") {
		to = append(to, strings.TrimSpace(address))
	}
	e.Set("to", draft.Texts(to...))
	return ""
}

// custom is a request of one's own. A body with placeholders cannot be filled.
func custom(s settings, m *draft.Map) gap {
	w := m.In("webhook")
	if to := s.text("url"); userPattern.MatchString(to) || isSecret(to) {
		secret(w, "url", to)
	} else {
		set(w, "url", to)
	}
	w.Set("method", draft.Text(orElse(s.text("method"), "GET")))
	for _, layer := range s {
		if layer != nil && layer.has("headers") {
			setMap(w, "headers", layer.pairs("headers"))
			break
		}
	}
	body := s.text("body")
	if holdsPlaceholder(s.text("url")) {
		lose(w, "the placeholders in the url", "it is sent as it is")
	}
	if holdsPlaceholder(body) {
		lose(w, "body", "its placeholders cannot be filled; without it polyhealth sends JSON of its own:\n"+body)
		return ""
	}
	set(w, "body", body)
	return ""
}

func holdsPlaceholder(text string) bool {
	for _, name := range []string{"[ALERT_", "[ENDPOINT_", "[RESULT_"} {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// posted is a webhook that takes JSON with the text at a key.
func posted(key string) func(settings, *draft.Map) gap {
	return func(s settings, m *draft.Map) gap {
		to := s.text("webhook-url")
		if to == "" {
			return "it has no webhook-url"
		}
		join := "?"
		if strings.Contains(to, "?") {
			join = "&"
		}
		secret(m, "chat", "generic+"+to+join+"template=json&messagekey="+key)
		return ""
	}
}

// hook takes any JSON.
func hook(s settings, m *draft.Map) gap {
	m.Comment("the JSON is not that of Gatus; see the webhook's default body")
	secret(m, "webhook", s.text("webhook-url"))
	return ""
}

func workflows(s settings, m *draft.Map) gap {
	to := s.text("webhook-url")
	if strings.Contains(to, "${") {
		return "its webhook-url has to be encoded: write chat: teams://?host= and the URL, percent-encoded"
	}
	secret(m, "chat", "teams://?host="+url.QueryEscape(to))
	return ""
}

// part is a text within a URL. What a variable stands for has to be encoded already.
func part(text string) string {
	if strings.Contains(text, "${") {
		return text
	}
	return url.QueryEscape(text)
}

// server is a server's address in a chat URL, and the parameter that says that it
// is not encrypted.
func server(address, plain string) (host string, parameters []string) {
	if rest, ok := strings.CutPrefix(address, "http://"); ok {
		return strings.TrimSuffix(rest, "/"), []string{plain}
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/"), nil
}

// chat sets the URL of a service.
func chat(m *draft.Map, to string, parameters ...string) gap {
	var given []string
	for _, p := range parameters {
		if p != "" && !strings.HasSuffix(p, "=") {
			given = append(given, p)
		}
	}
	if len(given) > 0 {
		to += "?" + strings.Join(given, "&")
	}
	secret(m, "chat", to)
	return ""
}

func ntfy(s settings, m *draft.Map) gap {
	host, plain := server(orElse(s.text("url"), "https://ntfy.sh"), "scheme=http")
	if token := s.text("token"); token != "" {
		host = ":" + part(token) + "@" + host
	}
	return chat(m, "ntfy://"+host+"/"+part(s.text("topic")), append(plain, "priority="+part(s.text("priority")))...)
}

func gotify(s settings, m *draft.Map) gap {
	host, plain := server(s.text("server-url"), "disabletls=yes")
	return chat(m, "gotify://"+host+"/"+part(s.text("token")), append(plain, "priority="+part(s.text("priority")))...)
}

func pushover(s settings, m *draft.Map) gap {
	return chat(m, "pushover://shoutrrr:"+part(s.text("application-token"))+"@"+part(s.text("user-key"))+"/",
		"devices="+part(s.text("device")), "priority="+part(s.text("priority")))
}

func pagerduty(s settings, m *draft.Map) gap {
	return chat(m, "pagerduty:///"+part(s.text("integration-key")))
}

func opsgenie(s settings, m *draft.Map) gap {
	return chat(m, "opsgenie://api.opsgenie.com/"+part(s.text("api-key")), "priority="+part(s.text("priority")))
}

func matrix(s settings, m *draft.Map) gap {
	host, plain := server(orElse(s.text("server-url"), "https://matrix-client.matrix.org"), "disableTLS=yes")
	return chat(m, "matrix://:"+part(s.text("access-token"))+"@"+host+"/", append(plain, "rooms="+part(s.text("internal-room-id")))...)
}

func signal(s settings, m *draft.Map) gap {
	host, plain := server(s.text("api-url"), "disabletls=yes")
	to := "signal://" + host + "/" + part(s.text("number"))
	for _, layer := range s {
		if layer != nil && layer.has("recipients") {
			for _, recipient := range layer.texts("recipients") {
				to += "/" + part(recipient)
			}
			break
		}
	}
	return chat(m, to, plain...)
}

func twilio(s settings, m *draft.Map) gap {
	return chat(m, "twilio://"+part(s.text("sid"))+":"+part(s.text("token"))+"@"+s.text("from")+"/"+part(s.text("to")))
}

func ifttt(s settings, m *draft.Map) gap {
	return chat(m, "ifttt://"+part(s.text("webhook-key"))+"/", "events="+part(s.text("event-name")))
}
