package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"polyhealth/engine/cli/draft"
	"polyhealth/engine/cli/importer"
	"polyhealth/schema"
)

// odd are texts that any value may be.
var odd = rapid.OneOf(
	rapid.SampledFrom([]string{
		"", "a", "core", "$HOME", "${HOME}", "${NONE}", "$$", "$", "${", "a b", "{{ each.value }}", "[STATUS]", "5", "-1", "1.5", "true",
		"30s", "1h30m", "10ms", "0", "a\nb\n", "\t", "é", "\u0007", "\"", "'", "\\", "`", "(", "[a-z", "*", "a,b", "x@example.org", "#", "a: b", "- a",
		strings.Repeat("long ", 60), "GET", "POST", "DELETE", "123:abc", "https://example.org/a?b=c", "http://[::1]:80", "%zz", "..",
	}),
	rapid.String(),
)

// tree is a map with some of the given keys: those that end in / hold maps, in [] lists.
func tree(t *rapid.T, keys string, in map[string]func(*rapid.T) draft.Value) *draft.Map {
	m := &draft.Map{}
	for _, key := range strings.Fields(keys) {
		if rapid.IntRange(0, 2).Draw(t, "leave "+key) == 0 {
			continue
		}
		if make, ok := in[key]; ok {
			m.Set(key, make(t))
		} else {
			m.Set(key, draft.Text(odd.Draw(t, key)))
		}
	}
	return m
}

func oddTexts(t *rapid.T) draft.Value {
	return draft.Texts(rapid.SliceOfN(odd, 0, 3).Draw(t, "texts")...)
}

func oddPairs(t *rapid.T) draft.Value {
	m := &draft.Map{}
	for _, key := range rapid.SliceOfN(odd, 0, 3).Draw(t, "keys") {
		if key != "" && key != "<<" {
			m.Set(key, draft.Text(odd.Draw(t, "value")))
		}
	}
	return m
}

func oddFlag(t *rapid.T) draft.Value {
	return draft.Plain(rapid.SampledFrom([]string{"true", "false"}).Draw(t, "flag"))
}

func conditions(t *rapid.T) draft.Value {
	side := rapid.OneOf(rapid.SampledFrom([]string{
		"[STATUS]", "[BODY]", "[BODY].a", "[BODY][0].b-c", "len([BODY].x)", "has([BODY].y)", "len([BODY])", "[RESPONSE_TIME]", "[CONNECTED]",
		"[CERTIFICATE_EXPIRATION]", "[DNS_RCODE]", "[IP]", "any(1, 2)", "any(a, 2)", "pat(*a?)", "pat([)", "500", "48h", "true", "UP", "0x1", "1e9",
	}), odd)
	operator := rapid.SampledFrom([]string{"==", "!=", "<", ">", "<=", ">=", "="})
	one := rapid.Custom(func(t *rapid.T) string {
		return side.Draw(t, "left") + " " + operator.Draw(t, "operator") + " " + side.Draw(t, "right")
	})
	return draft.Texts(rapid.SliceOfN(one, 0, 3).Draw(t, "conditions")...)
}

func oddURL(t *rapid.T) draft.Value {
	scheme := rapid.SampledFrom([]string{"http://", "https://", "wss://", "tcp://", "icmp://", "tls://", "starttls://", "ssh://", "grpc://", "grpcs://", "udp://", ""})
	host := rapid.OneOf(rapid.SampledFrom([]string{"example.org", "example.org:443", "[::1]:80", "user:pass@example.org/", "192.0.2.1"}), odd)
	return draft.Text(scheme.Draw(t, "scheme") + host.Draw(t, "host"))
}

var providers = "telegram email custom slack discord teams teams-workflows googlechat mattermost rocketchat webex zapier n8n ntfy gotify " +
	"pushover pagerduty opsgenie matrix signal twilio ifttt zulip datadog"

func oddProvider(t *rapid.T) draft.Value {
	return tree(t, "token id topic-id api-url from username password host port to url method body headers webhook-url topic server-url "+
		"application-token user-key integration-key api-key access-token internal-room-id number recipients sid webhook-key event-name priority "+
		"client default-alert x", map[string]func(*rapid.T) draft.Value{
		"headers": oddPairs, "recipients": oddTexts, "client": oddPairs, "default-alert": oddAlert,
	})
}

func oddAlert(t *rapid.T) draft.Value {
	return tree(t, "type enabled failure-threshold success-threshold minimum-reminder-interval send-on-resolved description",
		map[string]func(*rapid.T) draft.Value{
			"type": func(t *rapid.T) draft.Value {
				return draft.Text(rapid.SampledFrom(strings.Fields(providers)).Draw(t, "type"))
			},
			"enabled": oddFlag, "send-on-resolved": oddFlag,
			"failure-threshold":         func(t *rapid.T) draft.Value { return draft.Number(rapid.IntRange(-1, 2000).Draw(t, "n")) },
			"minimum-reminder-interval": func(*rapid.T) draft.Value { return draft.Plain("5m") },
		})
}

// listed writes maps as the items of a list, which a draft has no need of.
func listed(maps []*draft.Map) string {
	var b strings.Builder
	for _, m := range maps {
		text, _ := m.Write()
		b.WriteString("  - x-first: 1\n")
		for line := range strings.Lines(text) {
			b.WriteString("    " + line)
		}
	}
	return b.String()
}

func oddGatus(t *rapid.T) string {
	alerting := &draft.Map{}
	alerting.Set("alerting", tree(t, providers, func() map[string]func(*rapid.T) draft.Value {
		all := map[string]func(*rapid.T) draft.Value{}
		for _, name := range strings.Fields(providers) {
			all[name] = oddProvider
		}
		return all
	}()))
	var endpoints []*draft.Map
	for range rapid.IntRange(1, 4).Draw(t, "endpoints") {
		endpoints = append(endpoints, tree(t, "name group url method body graphql headers extra-labels interval conditions client dns enabled x",
			map[string]func(*rapid.T) draft.Value{
				"url": oddURL, "headers": oddPairs, "extra-labels": oddPairs, "conditions": conditions, "graphql": oddFlag, "enabled": oddFlag,
				"interval": func(t *rapid.T) draft.Value {
					return draft.Text(rapid.SampledFrom([]string{"1s", "1ns", "1h", "${HOME}", "-1s"}).Draw(t, "interval"))
				},
				"client": func(t *rapid.T) draft.Value {
					return tree(t, "insecure ignore-redirect proxy-url network dns-resolver", map[string]func(*rapid.T) draft.Value{"insecure": oddFlag})
				},
				"dns": func(t *rapid.T) draft.Value { return tree(t, "query-name query-type", nil) },
			}))
	}
	text, _ := alerting.Write()
	var alerts []*draft.Map
	for range rapid.IntRange(0, 3).Draw(t, "alerts") {
		alerts = append(alerts, oddAlert(t).(*draft.Map))
	}
	out := text + "endpoints:\n" + listed(endpoints) + "  - name: alerted\n    url: http://example.org/\n    conditions: ['[STATUS] == 200']\n    alerts:\n"
	for line := range strings.Lines(listed(alerts)) {
		out += "    " + line
	}
	return out
}

func oddBlackbox(t *rapid.T) string {
	in := map[string]func(*rapid.T) draft.Value{
		"prober": func(t *rapid.T) draft.Value {
			return draft.Text(rapid.SampledFrom([]string{"http", "tcp", "icmp", "dns", "grpc", "websocket", "unix", "x"}).Draw(t, "prober"))
		},
		"timeout": func(*rapid.T) draft.Value { return draft.Plain("1s") },
	}
	settings := func(t *rapid.T) draft.Value {
		return tree(t, "method body body_file body_size_limit headers fail_if_body_matches_regexp fail_if_body_not_matches_regexp fail_if_ssl "+
			"basic_auth bearer_token authorization tls_config proxy_url query_name query_type source_ip_address payload_size ttl service tls x",
			map[string]func(*rapid.T) draft.Value{
				"headers": oddPairs, "fail_if_body_matches_regexp": oddTexts, "fail_if_body_not_matches_regexp": oddTexts, "fail_if_ssl": oddFlag, "tls": oddFlag,
				"basic_auth":    func(t *rapid.T) draft.Value { return tree(t, "username password password_file", nil) },
				"authorization": func(t *rapid.T) draft.Value { return tree(t, "type credentials credentials_file", nil) },
				"tls_config": func(t *rapid.T) draft.Value {
					return tree(t, "ca_file cert_file key_file server_name min_version", nil)
				},
			})
	}
	for _, prober := range []string{"http", "tcp", "icmp", "dns", "grpc", "websocket"} {
		in[prober] = settings
	}
	m := &draft.Map{}
	for range rapid.IntRange(1, 3).Draw(t, "modules") {
		m.In("modules").Set(odd.Filter(func(s string) bool { return s != "" && s != "<<" }).Draw(t, "module"),
			tree(t, "prober timeout http tcp icmp dns grpc websocket", in))
	}
	text, _ := m.Write()
	return text
}

// Whatever the keys of these programs hold, the result is valid, or the mistake told.
func TestImportAnything(t *testing.T) {
	imported, refused := 0, 0
	try := func(t *rapid.T, src string, read func(*schema.Document, *schema.Reader) *importer.Result) {
		r := schema.NewReader()
		result := read(schema.ParsePlain("any", []byte(src), r), r)
		if (result == nil) != r.Failed() {
			t.Fatalf("a result, and mistakes: %v\n%s", r.Diagnostics(), src)
		}
		if result == nil {
			refused++
			return
		}
		imported++
		text, err := validDraft(result.File)
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		if wrong := mistakes(text); len(wrong) > 0 {
			t.Fatalf("%v\n%s\n%s", wrong, src, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		try(t, oddGatus(t), func(doc *schema.Document, r *schema.Reader) *importer.Result { return importer.Gatus("any", doc, r) })
		try(t, oddBlackbox(t), func(doc *schema.Document, r *schema.Reader) *importer.Result {
			return importer.Blackbox("any", doc, nil, r)
		})
	})
	if imported < refused {
		t.Errorf("%d imported, %d refused: this tests little", imported, refused)
	}
}
