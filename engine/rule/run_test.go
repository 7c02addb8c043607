package rule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// valueCases are what expressions find over sampleVars.
var valueCases = []struct {
	src  string
	want any
}{
	// Rules as people write them.
	{`status >= 500 or latency > "800ms"`, true},
	{`consecutive_failures > 3 && error == ""`, true},
	{`status in [200, 204] and not (body contains "x")`, true},
	{`status not in [200, 204]`, false},
	{`1 < status < 300`, true},
	{`200 <= status < 200`, false},
	{`prev.status == "healthy" and prev.latency < latency`, true},
	{`body startsWith "hé" and body endsWith "wörld"`, true},
	{`body matches "^h.llo"`, true},
	{`json.state == "ok" ? connected : false`, true},
	{`if json.n > 2 { "many" } else { "few" }`, "many"},
	{`let n = json.n; n > 2 and n < 4`, true},

	// Durations.
	{`"1s" < latency`, true},
	{`"1s" < latency < "2s"`, true},
	{`latency == "1210ms"`, true},
	{`latency in ["1s", "1.21s"]`, true},
	{`latency not in ["1s", "2s"]`, true},
	{`latency + "1s"`, 2210 * time.Millisecond},
	{`"1s" + latency == "2s210ms"`, true},
	{`latency - "1s210ms" == "0s"`, true},
	{`prev.latency * 2`, 70 * time.Millisecond},
	{`2 * prev.latency`, 70 * time.Millisecond},
	{`latency * 1.5`, 1815 * time.Millisecond},
	{`latency / 2`, 605 * time.Millisecond},
	{`latency / "1ms"`, 1210.0},
	{`latency > prev.latency * 30`, true},
	{`max("2s", latency)`, 2 * time.Second},
	{`min("1s", latency, "2s")`, time.Second},
	{`mean("790ms", latency)`, time.Second},
	{`-latency < "-1s"`, true},
	{`abs(-latency) == latency`, true},
	{`latency > "1µs" and latency < "90d" and latency > "1000ns" and latency < "1.5m" and latency > "1us"`, true},
	{`duration("1m") - latency`, 58790 * time.Millisecond},
	{`all(units, .active_for > "30s")`, true},
	{`sum(units, .active_for) == "61m"`, true},
	{`sum(filter(units, .name == "x"), .active_for) == "0s"`, true},
	{`(prev.latency ?? "1s") < "50ms"`, true},
	{`latency.Seconds()`, 1.21},
	{`latency.Milliseconds()`, 1210.0},

	// Of a time that only the result shows to be one.
	{`now - row.at > "1h"`, true},
	{`"3h" > now - row.at`, true},
	{`now - row.at == "2h"`, true},

	// Times.
	{`now - now == "0s"`, true},
	{`now - date("2026-01-01") > "1d"`, true},
	{`now + "1h" > now`, true},
	{`now - "1h" < now`, true},
	{`now.Hour() == 3 and now.Weekday() == 5 and now.Month() == 1`, true},
	{`now.Format("2006")`, "2026"},
	{`now == date("2026-01-02T03:04:05Z")`, true},

	// Open values.
	{`json.items[0].state`, "up"},
	{`json.items[-1].state`, "down"},
	{`json["state"]`, "ok"},
	{`json.items[1].n == 2 and json.n == 3 and json.n == 3.0`, true},
	{`json.n + 1`, 4.0},
	{`json.n % 2`, 1},
	{`json.yes and connected`, true},
	{`json.count == nil`, true},
	{`json.state != nil`, true},
	{`json.items[0] == {"state": "up", "n": 1}`, true},
	{`json.mixed == [1, "a", nil, true]`, true},
	{`"state" in json and "nope" not in json`, true},
	{`row.id == 7`, true},
	{`row.name == "bob" and row.name contains "o"`, true},
	{`any(rows, .id == 8)`, true},
	{`running contains "a" and not (running contains "b")`, true},
	{`json.mixed contains "a" and json.mixed contains 1 and not (json.mixed contains "b")`, true},
	{`map(headers, #)`, []any{"text/html", "x"}}, // in the order of the keys
	{`count(headers, # startsWith "text")`, 1},
	{`any(json.items[1], string(#) == "down")`, true},
	{`count(rows, .id > 7)`, 1},
	{`count(map(units, .active == "active"))`, 1},
	{`rows | filter(.id > 7) | map(.name) | first()`, "eve"},
	{`find(rows, .id == 8).name`, "eve"},
	{`findIndex(rows, .id == 8)`, 1},
	{`findIndex(rows, .id == 9) == nil`, true},
	{`sortBy(rows, .id, "desc")[0].name`, "eve"},
	{`groupBy(rows, .id)[7][0].name`, "bob"},
	{`groupBy(json.items, .n)[json.items[0].n][0].state`, "up"},
	{`groupBy(units, .active)["failed"][0].name`, "b"},
	{`reduce(rows, #acc + .id, 0)`, 15},
	{`map(rows, #index)`, []any{0, 1}},
	{`sum(rows, .id)`, 15},
	{`units[1].active == "failed" and state == "running"`, true},
	{`units[0].memory > 1000000 and units[1].memory < 1000`, true},
	{`map(units, .restarts) == [0, 0]`, true},
	{`units[0].memory + 1 == 5`, false},
	{`max(units[0].memory, 5) == 5 or abs(units[0].memory) == 5`, false},
	{`units[0].last.status == "" and first(units)?.last.status == ""`, true},
	{`"a" in running and "b" not in running`, true},
	{`raw == "raw" and raw in ["raw"]`, true},
	{`perfdata.load < 1`, true},
	{`close_code == nil`, true},
	{`count == 2 and count(rows, true) == 2`, true},

	// What is not there, on purpose.
	{`headers["x"] ?? ""`, ""},
	{`headers["server"] ?? ""`, "x"},
	{`headers.server == "x"`, true},
	{`(json.nope ?? 0) > 1`, false},
	{`json.nope.deeper[3].still ?? "none"`, "none"},
	{`json.count.deeper ?? 5`, 5},
	{`json.items[9].state ?? "none"`, "none"},
	{`json?.nope`, nil},
	{`rows[9]?.id == nil and units[9]?.name == nil`, true},
	{`json.nope?.deeper`, nil},
	{`json.count?.a.b.c`, nil},
	{`json?.count?.a`, nil},
	{`json?.items?.[0]?.state`, "up"},
	{`(json?.count?.a ?? 3) + 1`, 4},
	{`get(json, "nope")`, nil},
	{`get(json.items, 7)`, nil},
	{`get(rows[0], "id")`, 7},
	{`first([]) == nil and last([]) == nil`, true},
	{`find(rows, .id == 9)?.name`, nil},

	// Functions.
	{`len(body)`, 11},
	{`body[0:2] + body[-1:]`, "héd"},
	{`indexOf(body, "w")`, 6},
	{`body[indexOf(body, "w"):]`, "wörld"},
	{`upper("é") + lower("A") + trim(" a ") + trim("xax", "x")`, "Éaaa"},
	{`split("a,b,c", ",", 2)`, []any{"a", "b,c"}},
	{`join(["a", "b"], "-") + replace("aaa", "a", "b", 2)`, "a-bbba"},
	{`int("12") + int(2.9) + int(json.text)`, 26},
	{`float("1.5") + round(1.5)`, 3.5},
	{`string(latency) + string(nil) + string([1])`, "1.21snull[1]"},
	{`type(latency) + type(status) + type(nil) + type(rows) + type(prev)`, "durationintnulllistmap"},
	{`toJSON({"b": 1, "a": [latency]})`, `{"a":["1.21s"],"b":1}`},
	{`fromJSON("{\"a\": [1]}").a[0]`, 1.0},
	{`fromBase64(toBase64(body)) == body`, true},
	{`keys(json)[0] + keys(headers)[1]`, "countserver"},
	{`values({"b": 2, "a": 1})`, []any{1, 2}},
	{`toPairs({"b": 2, "a": 1})`, []any{[]any{"a", 1}, []any{"b", 2}}},
	{`fromPairs([["a", 1]]).a`, 1},
	{`sort([3, 1.5, 2])`, []any{1.5, 2, 3}},
	{`uniq([1, 1.0, "1", [1], [1], "[1]"])`, []any{1, "1", []any{1}, "[1]"}},
	{`flatten([[1], [2, [3]]])`, []any{1, 2, 3}},
	{`concat([1], running)`, []any{1, "a"}},
	{`reverse(take(sort([3, 1, 2]), 2))`, []any{2, 1}},
	{`max([1, 5.5], 3)`, 5.5},
	{`median([4, 1, 3, 2])`, 2.5},
	{`mean(1, 2)`, 1.5},
	{`sum([])`, 0},
	{`bitand(6, 3) + bitshl(1, 3) + bitnot(0)`, 9},
	{`2 ** 3 + 7 % 4 + 7 / 2`, 14.5},
	{`(1..3)`, []any{1, 2, 3}},
	{`body contains "héllo" and ("a" < "b")`, true},

	// Versions.
	{`semver("1.10.0") > semver("v1.9")`, true},
	{`semver(json.text) >= "12.0.0" and semver(json.text) < "12.0.1"`, true},
	{`"1.0.0-rc.1" < semver("1.0.0")`, true},
	{`semver("1.0.0+a") == "1.0.0+b" and semver(" v2\n") != "2.0.1"`, true},
	{`uniq([semver("1.0"), semver("v1.0.0"), semver("1.0.1")])`, []any{"1.0", "1.0.1"}},
	{`type(semver("1")) + string(semver("v1")) + toJSON([semver("1.2")])`, `versionv1["1.2"]`},
	{`semver("1.2.3")`, "1.2.3"},

	// Paths.
	{`jsonpath(json, "$.items[0].state")`, "up"},
	{`jsonpath(json, "$['items'][-1][\"state\"]")`, "down"},
	{`jsonpath(json, "$.items[*].n")`, []any{1.0, int(2)}},
	{`jsonpath(json.items, "$[*].state")`, []any{"up", "down"}},
	{`jsonpath(units, "$[1].active")`, "failed"},
	{`jsonpath(headers, "$.*")`, []any{"text/html", "x"}},
	{`jsonpath(json, "$")  == json and jsonpath(nil, "$.a") == nil`, true},
	{`jsonpath(json, "$.nope") == nil and jsonpath(json, "$.state.x") == nil and jsonpath(json, "$.items.state") == nil`, true},
	{`jsonpath(json, "$.items[9]") == nil and jsonpath(json, "$.state[0]") == nil and jsonpath(json, "$[0]") == nil`, true},
	{`jsonpath(json, "$.nope[*]")`, []any{}},
	{`jsonpath({"a.b": {"c'd": 1}}, "$['a.b'][\"c'd\"]")`, 1},
	{`(jsonpath(json, "$.nope") ?? 5) + 1`, 6},
	{`jsonpath(json, "$." + json.state) == nil`, true},

	// Shares and ages.
	{`percent(1, 3) > 33.3 and percent(json.zero, 2) == 0`, true},
	{`percent(latency, "2420ms")`, 50.0},
	{`percent(len(running), len(units))`, 50.0},
	{`since(date("2026-01-02T03:04:00Z"))`, 5 * time.Second},
	{`since("2026-01-02T03:04:00Z") > "4s" and until("2026-01-02T03:05:05Z") == "1m"`, true},
	{`until(now + "1h") - since(now - "1h") == "0s"`, true},
	{`p95([10, 20, 30])`, 30},
	{`avg(latency, prev.latency)`, 622500 * time.Microsecond},
	{`p90(map(1..10, # * 2))`, 18},

	// Values leave as what JSON knows.
	{`prev`, map[string]any{"status": "healthy", "latency": "35ms"}},
	{`running`, []any{"a"}},
	{`row.name`, "bob"},
	{`state`, "running"},
	{`count`, 2},
	{`[now, latency, nil]`, []any{"2026-01-02T03:04:05Z", "1.21s", nil}},
	{`9007199254740993 == 9007199254740992.0`, false},
}

func TestValues(t *testing.T) {
	s := testScope()
	env := any(sampleVars())
	var m VM
	for _, c := range valueCases {
		got, err := mustValue(t, s, c.src).Eval(&m, env)
		if err != nil || !cmp.Equal(got, c.want) {
			t.Errorf("%s is %#v, %v; want %#v", c.src, got, err, c.want)
		}
	}
}

// faultCases are expressions that have no answer over sampleVars, and why. None of
// them may be false instead: a check would be healthy that is not.
var faultCases = []struct{ src, want string }{
	{`json.nope == 1`, `json.nope: there is no such field (the fields are: count, items, mixed, n, state, text, yes, zero)`},
	{`row.nope == 1`, `row.nope: there is no such field (the fields are: at, id, n, name, price)`},
	{`json.items[0].nope > 1`, `json.items[0].nope: there is no such field (the fields are: n, state)`},
	{`json.items[2].state == "up"`, `json.items[2]: there is no such element (json.items has 2)`},
	{`json.items[-3].state == "up"`, `json.items[-3]: there is no such element (json.items has 2)`},
	{`running[1] == "a"`, `running[1]: there is no such element (running has 1)`},
	{`units[2].name == "a"`, `units[2]: there is no such element (units has 2)`},
	{`headers["x-foo"] == "a"`, `headers["x-foo"]: there is no such field (the fields are: content-type, server); test for it with "x-foo" in headers, or give a default with ??`},
	{`headers.nope == "a"`, `headers.nope: there is no such field (the fields are: content-type, server)`},
	{`json.count.a == 1`, `json.count is null`},
	{`json.nope.a == 1`, `json.nope: there is no such field (the fields are: count, items, mixed, n, state, text, yes, zero)`},
	{`json?.nope.a == 1`, `json?.nope is null`},
	{`json.count.a?.b == nil`, `json.count is null`},
	{`json.nope.a?.b == nil`, `json.nope: there is no such field (the fields are: count, items, mixed, n, state, text, yes, zero)`},
	{`headers?.nope == "a"`, `headers?.nope is null`},
	{`find(units, false)?.last.status == ""`, `find(units, false)?.last.status is null`},
	{`find(units, false).last.status == ""`, `find(units, false) is null`},
	{`json.state.a == 1`, `json.state is a string: it has no fields`},
	{`json.state[0] == "o"`, `json.state is a string: it has no elements`},
	{`json.items.state == 1`, `json.items is a list: it has no field "state"`},
	{`json.items["0"] == 1`, `json.items is a list: it has no field "0"`},
	{`json[0] == 1`, `json is a map: its fields are not selected by a number`},
	{`json.items[json.count] == 1`, `json.count is null`},
	{`json.items[0.5] == 1`, `json.items is a list: an element is selected by a whole number`},
	{`find(rows, .id == 9).name == "x"`, `find(rows, .id == 9) is null`},
	{`first([]) == 1`, `first([]) is null`},
	{`(json.state.a ?? 1) == 1`, `json.state is a string: it has no fields`},

	{`json.count == 0`, `json.count is null`},
	{`json.count != 0`, `json.count is null`},
	{`json.count < 1`, `json.count is null`},
	{`0 == json.count`, `json.count is null`},
	{`row.n == 0`, `row.n is null`},
	{`row.n == row.id`, `row.n is null`},
	{`row.id == row.n`, `row.n is null`},
	{`close_code == 1000`, `close_code is null`},
	{`get(json, "nope") == 1`, `get(json, "nope") is null`},
	{`any(rows, .n > 3)`, `.n is null`},
	{`json.text == 12`, `json.text is a string, compared with the number 12`},
	{`json.text != 12`, `json.text is a string, compared with the number 12`},
	{`12 == json.text`, `json.text is a string, compared with the number 12`},
	{`json.n == "3"`, `json.n is a number, compared with the string "3"`},
	{`json.text == json.n`, `json.text is a string, compared with a number, json.n`},
	{`now - row.at > "1 parsec"`, `now - row.at is a duration, compared with the string "1 parsec"`},
	{`now - row.at > row.name`, `now - row.at is a duration, compared with a string, row.name`},
	{`json.n == true`, `json.n is a number, compared with the bool true`},
	{`json.n > "2"`, `json.n is a number, compared with the string "2"`},
	{`row.price > 5`, `row.price is a string, compared with the number 5`},
	{`latency > json.n`, `latency is a duration, compared with a number, json.n`},
	{`json.yes > json.yes`, `json.yes is a bool: it cannot be compared with >`},
	{`json.items == "a"`, `json.items is a list, compared with the string "a"`},

	{`jsonpath(json, "$.nope") == 1`, `jsonpath(json, "$.nope") is null`},
	{`jsonpath(json, "$.nope") > 1`, `jsonpath(json, "$.nope") is null`},
	{`jsonpath(json, "$.count") != 1`, `jsonpath(json, "$.count") is null`},
	{`jsonpath(json, "$.state") > 1`, `jsonpath(json, "$.state") is a string, compared with the number 1`},
	{`jsonpath(json, json.state) == 1`, `json.state is not a path: a path begins with $`},
	{`jsonpath(json, json.n) == 1`, `json.n is a number, and jsonpath takes a string`},
	{`semver(json.state) >= "1.0.0"`, `semver(json.state): "ok" is not a version`},
	{`semver(json.n) >= "1.0.0"`, `json.n is a number, and semver takes a string`},
	{`semver(json.count) >= "1.0.0"`, `json.count is null`},
	{`semver("1.0") < json.text`, `semver("1.0") is a version, compared with a string, json.text`},
	{`percent(json.n, json.zero) > 1`, `percent(json.n, json.zero): this divides by zero`},
	{`percent(latency, json.n) > 1`, `percent(latency, json.n): one value is a duration and the other one is a number`},
	{`percent(json.count, 5) > 1`, `json.count is null`},
	{`since(json.state) > "1s"`, `since(json.state): "ok" is not a date`},
	{`since(json.n) > "1s"`, `json.n is a number, and since takes a string or a time`},
	{`until(json.count) > "1s"`, `json.count is null`},

	// Nothing is kept of earlier results here.
	{`delta(json.n) == 0`, `delta(json.n) is null` + noneBefore},
	{`rate(json.n) == 0`, `rate(json.n) is null` + noneBefore},
	{`rate(count) < 1`, `rate(count) is null` + noneBefore},
	{`changed(body)`, `changed(body) is null` + noneBefore},
	{`not changed(body)`, `changed(body) is null` + noneBefore},
	{`delta(rate(json.n)) == 0`, `rate(json.n) is null` + noneBefore},
	{`delta(json.count) == 0`, `json.count is null`},
	{`delta(json.state) == 0`, `json.state is a string, and delta takes a number, a duration or a time`},
	{`rate(json.nope) == 0`, `json.nope: there is no such field (the fields are: count, items, mixed, n, state, text, yes, zero)`},
	{`rate(perfdata.bad) == 0`, `perfdata.bad is not a number (NaN)`},
	{`avg(latency, "10m") < "1s"`, `avg(latency, "10m") is null` + noneWorked},

	{`json.count in [1, 2]`, `json.count is null`},
	{`json.n in ["a", "b"]`, `json.n is a number, but ["a", "b"] holds strings`},
	{`json.n not in ["a", "b"]`, `json.n is a number, but ["a", "b"] holds strings`},
	{`"a" in json.count`, `json.count is null`},
	{`"a" in json.state`, `json.state is a string, not a list or a map`},
	{`1 in json`, `the number 1, but the keys of json are strings`},
	{`row.id in running`, `row.id is a number, but running holds strings`},
	{`json.count in json`, `json.count is null`},

	{`json.state and connected`, `json.state is a string, not true or false`},
	{`connected and json.n`, `json.n is a number, not true or false`},
	{`json.count or connected`, `json.count is null`},
	{`not json.n`, `json.n is a number, not true or false`},
	{`json.n ? true : false`, `json.n is a number, not true or false`},
	{`all(json.items, .n)`, `.n is a number, not true or false`},
	{`json.state`, `json.state is a string, not true or false`},
	{`json.count`, `json.count is null`},

	{`status / json.zero > 1`, `status / json.zero: this divides by zero`},
	{`json.zero / json.zero > 1`, `json.zero / json.zero: this divides by zero`},
	{`status % json.zero == 1`, `status % json.zero: this divides by zero`},
	{`latency / json.zero > "1s"`, `latency / json.zero: this divides by zero`},
	{`latency / (latency - latency) > 1`, `latency / (latency - latency): this divides by zero`},
	{`(0 - status) ** 0.5 > 1`, `(0 - status) ** 0.5: the result is not a number (NaN)`},
	{`10.0 ** (status * 10) > 1`, `10.0 ** (status * 10): the result is too large a number`},
	{`status * 9223372036854775807 > 1`, `status * 9223372036854775807: the result is too large a number`},
	{`json.count + 1 > 1`, `json.count is null`},
	{`json.state + 1 > 1`, `cannot add a number to a string in json.state + 1`},
	{`0.5 % json.n == 1`, `0.5 % json.n: % wants whole numbers`},
	{`-json.state == 1`, `json.state is a string, not a number`},
	{`perfdata.bad > 1`, `perfdata.bad is not a number (NaN)`},
	{`perfdata.bad != 1`, `perfdata.bad is not a number (NaN)`},
	{`perfdata.bad in [1.5]`, `perfdata.bad is not a number (NaN)`},
	{`max(1.5, perfdata.bad) > 1`, `max(1.5, perfdata.bad): the result is not a number (NaN)`},

	{`sortBy(values(perfdata), #) == []`, `# is not a number (NaN)`},

	{`json.n contains "a"`, `json.n is a number, not a string`},
	{`json.count matches "a"`, `json.count is null`},
	{`body matches json.n`, `json.n is a number, not a string`},
	{`body matches ("(" + json.state)`, "\"(\" + json.state is not a pattern: missing closing ): `(ok`"},
	{`json.count startsWith "a"`, `json.count is null`},
	{`any(json.state, # > 1)`, `json.state is a string, not a list`},
	{`any(json.count, # > 1)`, `json.count is null`},
	{`all(json.state, # > 1)`, `json.state is a string, not a list`},
	{`all(json, # > 1)`, `# is null`},
	{`json.mixed contains json.count`, `json.count is null`},
	{`len(json.n) > 1`, `json.n is a number, and len takes a string, a list or a map`},
	{`len(json.count) > 1`, `json.count is null`},
	{`upper(json.n) == "A"`, `json.n is a number, and upper takes a string`},
	{`int(json.state) > 1`, `int(json.state): "ok" is not a number`},
	{`mean(filter([1], false)) < 5`, `mean(filter([1], false)): the list is empty`},
	{`max(filter([1], false)) < 5`, `max(filter([1], false)): the list is empty`},
	{`max(json.mixed) < 5`, `max(json.mixed): one value is a number and another one is a string`},
	{`sum(json.mixed) < 5`, `sum(json.mixed): one value is a number and another one is a string`},
	{`sum(rows, .n) > 1`, `sum(rows, .n): one of the values is null`},
	{`sum(running) == 1`, `sum(running): the list holds strings`},
	{`sort(json.mixed) == []`, `sort(json.mixed): one value is a number and another one is a string`},
	{`sortBy(json.mixed, #) == []`, `# is null`},
	{`sortBy([1, "a"], #) == []`, `sortBy([1, "a"], #) == []: the values are of different kinds`},
	{`reduce([], # + #acc) == 1`, `reduce: the list is empty and there is no initial value`},
	{`groupBy(rows, #) == {}`, `# is a map, not a string, a number or a bool`},
	{`(1..json.state) == []`, `json.state is a string, not a whole number`},
	{`json.n[1:2] == []`, `json.n is a number, not a list or a string`},
	{`{(json.state): 1}[json.text] == 1`, `{(json.state): 1}[json.text]: there is no such field (the fields are: ok); test for it with json.text in {(json.state): 1}, or give a default with ??`},
	{`fromJSON(body).a == 1`, `fromJSON(body): this is not JSON`},
	{`duration(json.state) > "1s"`, `duration(json.state): "ok" is not a duration`},
	{`json.state.Hour() == 1`, `json.state is a string, and Hour() takes a time`},
	{`date("9999-12-31") + latency * 100000000 > now`, `date("9999-12-31") + latency * 100000000: the result is too far in the past or in the future`},
}

func TestFaults(t *testing.T) {
	s := testScope()
	env := any(sampleVars())
	var m VM
	for _, c := range faultCases {
		is, err := mustRule(t, s, c.src).True(&m, env)
		if err == nil || is {
			t.Errorf("%s is %v, %v; want the error %s", c.src, is, err, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%s failed with\n%v; want\n%s", c.src, err, c.want)
		} else {
			expectNoGoWords(t, c.src, err.Error())
		}
	}
}

// A machine is as good as new after an error.
func TestMachineAfterAnError(t *testing.T) {
	s := testScope()
	env := any(sampleVars())
	var m VM
	for range 3 {
		if _, err := mustRule(t, s, `any(rows, let x = .id; x == .nope)`).True(&m, env); err == nil {
			t.Error("there is no error")
		}
		if is, err := mustRule(t, s, `status == 200 and any(rows, let x = .id; x == 7)`).True(&m, env); !is || err != nil {
			t.Errorf("it is %v, %v", is, err)
		}
	}
}
