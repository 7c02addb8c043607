package importer

import (
	"fmt"
	"strings"
	"testing"

	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// healthy is the rule that one condition of an endpoint becomes, or the comment that
// says why it becomes none.
func healthy(t *testing.T, url, condition string) string {
	t.Helper()
	src := fmt.Sprintf("endpoints:\n  - name: it\n    url: %q\n    conditions: [%q]\n", url, condition)
	if strings.HasPrefix(url, "dns://") {
		src = fmt.Sprintf("endpoints:\n  - name: it\n    url: 192.0.2.53\n    dns: {query-name: example.org}\n    conditions: [%q]\n", condition)
	}
	r := schema.NewReader()
	result := Gatus("it", schema.ParsePlain("it", []byte(src), r), r)
	if result == nil {
		t.Fatal(r.Diagnostics())
	}
	rules := result.File.In("checks").In("it").Part("rules")
	if rules != nil {
		return string(rules.Value.(*draft.Map).Part("healthy").Value.(draft.Text))
	}
	text, _ := result.File.Write()
	_, why, _ := strings.Cut(text, "# not imported: "+condition+": ")
	why, _, _ = strings.Cut(why, "\n")
	return "# " + why
}

func TestConditions(t *testing.T) {
	const (
		web, socket, tcp, ping, tls, ssh = "https://example.org/", "wss://example.org/", "tcp://db:5432", "icmp://db", "tls://db:443", "ssh://db"
		dns, grpc                        = "dns://", "grpc://db:1"
	)
	for _, c := range []struct{ url, condition, want string }{
		{web, "[STATUS] == 200", `status == 200`},
		{web, "200 == [STATUS]", `status == 200`},
		{web, "[status] != 500", `status != 500`},
		{web, "[STATUS] < 300", `status < 300`},
		{web, "300 > [STATUS]", `status < 300`},
		{web, "[STATUS] <= 0x12C", `# "0x12C" is no number`},
		{web, "[STATUS] == any(200, 429)", `status in [200, 429]`},
		{web, "[STATUS] != any(500, 503)", `status not in [500, 503]`},
		{web, "[STATUS] == pat(2*)", `string(status) startsWith "2"`},
		{web, "[RESPONSE_TIME] < 500", `latency < "500ms"`},
		{web, "[RESPONSE_TIME] <= 1500ms", `latency <= "1500ms"`},
		{web, "2s > [RESPONSE_TIME]", `latency < "2s"`},
		{web, "[RESPONSE_TIME] == 300", `# a time is compared by < or >`},
		{web, "[RESPONSE_TIME] < fast", `# "fast" is no time`},
		{web, "[CERTIFICATE_EXPIRATION] > 48h", `cert_expires_in > "2d"`},
		{web, "[CERTIFICATE_EXPIRATION] > 0", `cert_expires_in > "0s"`},
		{web, "[CONNECTED] == true", `status > 0`},
		{web, "[CONNECTED] == false", `error != ""`},
		{web, "[CONNECTED] != true", `not (status > 0)`},
		{web, "[BODY] == pong", `trim(body) == "pong"`},
		{web, `[BODY] == say "hi"`, `trim(body) == "say \"hi\""`},
		{web, `[BODY] == a\b`, "trim(body) == `a\\b`"},
		{web, "[BODY] == pat(*up*)", `trim(body) contains "up"`},
		{web, "[BODY] == pat(up*)", `trim(body) startsWith "up"`},
		{web, "[BODY] == pat(*up)", `trim(body) endsWith "up"`},
		{web, "[BODY] == pat(up)", `trim(body) == "up"`},
		{web, "[BODY] != pat(*down*)", `not (trim(body) contains "down")`},
		{web, "[BODY] == pat(*)", `# everything fits the pattern`},
		{web, "[BODY] == pat(*<div>?*</div>*)", "trim(body) matches \"^(?s:.)*<div>(?s:.)(?s:.)*</div>(?s:.)*$\""},
		{web, "[BODY] == pat(v[0-9].é)", "trim(body) matches `^v[0-9]\\.é$`"},
		{web, "has([BODY]) == false", `trim(body) == ""`},
		{web, "[BODY] > 5", `# a text is compared by == or !=`},
		{web, "[BODY] > [BODY].x", `# the two cannot be compared`},
		{web, "[STATUS] == [RESPONSE_TIME]", `# the two cannot be compared`},
		{web, "[BODY] == any(a, b)", `trim(body) in ["a", "b"]`},
		{web, "[BODY].status == UP", `json.status == "UP"`},
		{web, "[BODY].count == 5", `json.count == 5`},
		{web, "[BODY].count >= 5", `json.count >= 5`},
		{web, "[BODY].ratio == 0.5", `json.ratio == 0.5`},
		{web, "[BODY].ok == true", `json.ok == true`},
		{web, "[BODY].version == 1.2.3", `json.version == "1.2.3"`},
		{web, "[BODY].zip == 01234", `json.zip == "01234"`},
		{web, "[BODY].status == any(UP, 5)", `json.status in ["UP", "5"]`},
		{web, "[BODY].code == any(1, 2)", `json.code in [1, 2]`},
		{web, "[BODY].name == pat(jo*)", `json.name startsWith "jo"`},
		{web, "[BODY].took < 5ms", `# "5ms" is no number`},
		{web, "[BODY][0].id == 1", `json[0].id == 1`},
		{web, "[BODY].data[0].items[1][2].x == a", `json.data[0].items[1][2].x == "a"`},
		{web, "[BODY].user.first-name == jo", `json.user["first-name"] == "jo"`},
		{web, "[BODY].a[x] == 1", `# the path cannot be read`},
		{web, "[BODY].a == [BODY].b", `json.a == json.b`},
		{web, "[BODY].code == [STATUS]", `json.code == status`},
		{web, "len([BODY].items) > 3", `len(json.items) > 3`},
		{web, "len([BODY]) > 0", `(trim(body) startsWith "[" ? len(fromJSON(trim(body))) : len(trim(body))) > 0`},
		{web, "has([BODY]) == true", `trim(body) != ""`},
		{web, "has([BODY].errors) == false", `(json.errors ?? nil) == nil`},
		{web, "has([BODY].a.b) == true", `(json.a.b ?? nil) != nil`},
		{web, "has([BODY].a) == 5", `# it is true or false`},
		{web, "len([STATUS]) == 3", `# len() of [STATUS] has no meaning here`},
		{web, "[IP] == pat(10.*)", `# rules do not see the address`},
		{web, "[DOMAIN_EXPIRATION] > 720h", `# nothing asks whois`},
		{web, "[DNS_RCODE] == NOERROR", `# only a DNS endpoint has it`},
		{web, "[STATU] != 500", `# [STATU] is no placeholder that this import knows; for Gatus it is a text as any other`},
		{web, "1 == 1", `# it compares two constants, and so says nothing of the endpoint`},
		{web, "[STATUS]==200", `# it holds no operator`},
		{socket, "[CONNECTED] == true", `connected`},
		{socket, "[BODY] == pong", `trim(message) == "pong"`},
		{socket, "[BODY].type == hello", `json.type == "hello"`},
		{socket, "[STATUS] == 101", `# there is no status here`},
		{tcp, "[CONNECTED] == true", `exit_code == 0`},
		{tcp, "[CONNECTED] == false", `not (exit_code == 0)`},
		{tcp, "[RESPONSE_TIME] < 20", `exit_code == 0 && latency < "20ms"`},
		{tcp, "[BODY] == x", `exit_code == 0`},
		{ping, "[CONNECTED] == true", `exit_code == 0`},
		{tls, "[CERTIFICATE_EXPIRATION] > 240h",
			"exit_code == 0\n&& " + `(date(trimPrefix(stdout, "notAfter="), "Jan _2 15:04:05 2006 MST") - now) > "10d"`},
		{ssh, "[STATUS] == 0", `exit_code == 0`},
		{dns, "[DNS_RCODE] == NOERROR", `exit_code == 0 && stdout matches "status: NOERROR,"`},
		{dns, "[DNS_RCODE] == any(NOERROR, NXDOMAIN)", `exit_code == 0 && stdout matches "status: (NOERROR|NXDOMAIN),"`},
		{dns, "[BODY] == 192.0.2.1", "exit_code == 0 && stdout matches `(?m)\\s192\\.0\\.2\\.1$`"},
		{dns, "[BODY] != pat(192.*)", "exit_code == 0 && not (stdout matches `(?m)\\s192\\.\\S*$`)"},
		{grpc, "[CONNECTED] == true", `exit_code in [0, 4]`},
		{grpc, "[BODY].status == SERVING", `exit_code == 0`},
	} {
		if got := healthy(t, c.url, c.condition); got != c.want {
			t.Errorf("%s of %s\nis   %s\nwant %s", c.condition, c.url, got, c.want)
		}
	}
}
