package rule

import (
	"strings"
	"testing"
)

// at is where a mistake should be: the text of the source that it stands at, which
// is the first such text unless a > marks one.
type wanted struct{ at, message, hint string }

// mistakeCases are what is wrong with an expression before it runs. A trailing … in
// a hint means that it begins so.
var mistakeCases = []struct {
	src  string
	want []wanted
}{
	// The contract's own.
	{`latncy > "1s"`, []wanted{{`latncy`, `there is no variable "latncy"`, `did you mean "latency"?`}}},
	{`status == "200"`, []wanted{{`"200"`, `status is an int, "200" is a string`, `write 200 without quotes`}}},
	{`len(status) > 1`, []wanted{{`status`, `len takes a string, a list or a map: status is an int`, ``}}},
	{`latency > "1 parsec"`, []wanted{{`"1 parsec"`, `"1 parsec" is not a duration`, durationHint}}},
	{`latency <= "1 parsec"`, []wanted{{`"1 parsec"`, `"1 parsec" is not a duration`, durationHint}}},
	{`latency == "1 parsec"`, []wanted{{`"1 parsec"`, `"1 parsec" is not a duration`, durationHint}}},
	{`"1 parsec" > latency`, []wanted{{`"1 parsec"`, `"1 parsec" is not a duration`, durationHint}}},
	{`latency`, []wanted{{`latency`, `latency is a duration: a rule must be true or false`, `compare it with something`}}},
	{`latency > 500`, []wanted{{`500`, `latency is a duration: compare it with a duration such as "500ms"`, ``}}},
	{`latency > 800`, []wanted{{`800`, `latency is a duration: compare it with a duration such as "800ms"`, ``}}},
	{`0.8 < latency`, []wanted{{`0.8`, `latency is a duration: compare it with a duration such as "0.8s"`, ``}}},
	{`latency == 0`, []wanted{{`0`, `latency is a duration: compare it with a duration such as "500ms"`, ``}}},

	// Syntax.
	{``, []wanted{{``, `there is nothing here: an expression is missing`, ``}}},
	{" \n ", []wanted{{" \n ", `there is nothing here: an expression is missing`, ``}}},
	{`status = 200`, []wanted{{`=`, `unexpected =`, `write == to compare`}}},
	{`status === 200`, []wanted{{`>=`, `unexpected =`, `write ==`}}},
	{`status => 200`, []wanted{{`=>`, `unexpected =>`, `write >=`}}},
	{`status <> 200`, []wanted{{`<>`, `unexpected <>`, `write !=`}}},
	{`status & 1`, []wanted{{`&`, `unexpected &`, `write && or and`}}},
	{`connected AND connected`, []wanted{{`AND`, `unexpected AND`, `write and`}}},
	{`status 200`, []wanted{{`200`, `unexpected 200`, `an operator such as == or and may be missing before it`}}},
	{`status >`, []wanted{{`>`, `the expression ends too early`, ``}}},
	{"status >  \n", []wanted{{`>`, `the expression ends too early`, ``}}},
	{`latency > 500ms`, []wanted{{`500ms`, `a duration stands in quotes`, `write "500ms"`}}},
	{`latency > 1h30m`, []wanted{{`1h30m`, `a duration stands in quotes`, `write "1h30m"`}}},
	{`status > 5x`, []wanted{{`5x`, `5x is not a number`, ``}}},
	{`status > 99999999999999999999 and connected`, []wanted{{`99999999999999999999`, `this number is too large`, ``}}},
	{`status > 1e999`, []wanted{{`1e999`, `this number is too large`, ``}}},
	{`status > 99999999999999999999`, []wanted{{`99999999999999999999`, `this number is too large`, ``}}},
	{`body == "abc`, []wanted{{`"abc`, `this string is never closed`, ``}}},
	{"body == 'abc\n'", []wanted{{`'abc`, `this string is never closed`, ``}}},
	{`(status > 1`, []wanted{{`(`, `this ( is never closed`, ``}}},
	{`status > 1)`, []wanted{{`)`, `this ) closes nothing`, ``}}},
	{`(status > 1]`, []wanted{{`]`, `this ] does not match the ( before it`, ``}}},
	{`status > 1 /* x`, []wanted{{`/*`, `this comment is never closed`, ``}}},
	{`status @ 1`, []wanted{{`@`, `@ means nothing here`, ``}}},
	{`json.`, []wanted{{`.`, `the expression ends too early`, ``}}},
	{`json. > 1`, []wanted{{`1`, `a name is missing after the dot`, ``}}},
	{`headers["x"] ?? "" == "y"`, []wanted{{`==`, `?? and what stands beside it need parentheses`, `write (a ?? b) == c`}}},
	{`any(rows)`, []wanted{{`)`, `an argument is missing`, ``}}},
	{"body == \"a\xffb\"", []wanted{{"\xff", `this is not valid UTF-8`, ``}}},
	{"body == \"\x00\"", []wanted{{"\x00", `there is a zero byte here`, ``}}},

	// Names, all of them at once.
	{`bogus > 1 and statu == 5 or zzz(1)`, []wanted{
		{`bogus`, `there is no variable "bogus"`, `a string stands in quotes; the variables are: error, latency, …`},
		{`statu`, `there is no variable "statu"`, `did you mean "status"?`},
		{`zzz`, `there is no function "zzz"`, ``}}},
	{`lenn(body) > statsu`, []wanted{
		{`lenn`, `there is no function "lenn"`, `did you mean "len"?`},
		{`statsu`, `there is no variable "statsu"`, `did you mean "status"?`}}},
	{`prev.statu == "x" and prev.lat > "1s"`, []wanted{
		{`statu`, `prev has no field "statu"`, `did you mean "status"?`},
		{`lat`, `prev has no field "lat"`, `the fields are: status, latency`}}},
	{`active_for > "1s"`, []wanted{{`active_for`, `there is no variable "active_for"`, `a string stands in quotes; …`}}},
	{`all(units, .activ == "x")`, []wanted{{`activ`, `an element of units has no field "activ"`, `did you mean "active"?`}}},
	{`Status > 5`, []wanted{{`Status`, `there is no variable "Status"`, `did you mean "status"?`}}},
	{`status == null`, []wanted{{`null`, `there is no variable "null"`, `write nil`}}},
	{`len > 5`, []wanted{{`len`, `len is a function`, `write len(…)`}}},
	{`status() > 5`, []wanted{{`status`, `status is a variable, not a function`, `write status without parentheses`}}},
	{`now() > now`, []wanted{{`now`, `now() cannot be used here`, forbidden["now"]}}},
	{`repeat("a", 9) == body`, []wanted{{`repeat`, `repeat() cannot be used here`, forbidden["repeat"]}}},
	{`$env == nil`, []wanted{{`$env`, `there is no variable "$env"`, `a string…`}}},
	{`Common == nil`, []wanted{{`Common`, `there is no variable "Common"`, `a string…`}}},
	{`Ignored == 1 or hidden == 1`, []wanted{
		{`Ignored`, `there is no variable "Ignored"`, `a string…`},
		{`hidden`, `there is no variable "hidden"`, `a string…`}}},
	{`now.Hours() > 1`, []wanted{{`now`, `Hours() takes a duration: now is a time`, ``}}},
	{`now.Foo() > 1`, []wanted{{`Foo`, `there is no method "Foo"`, `a time has: Day(), …`}}},
	{`let status = 1; status > 0`, []wanted{{`status`, `there is already a variable status`, `choose another name`}}},

	// Kinds.
	{`status`, []wanted{{`status`, `status is an int: a rule must be true or false`, `compare it with something`}}},
	{"  latency +\n \"1s\"  ", []wanted{{"latency +\n \"1s\"", `latency + "1s" is a duration: a rule must be true or false`, `compare it with something`}}},
	{`row`, []wanted{{`row`, `row is a map: a rule must be true or false`, `compare it with something`}}},
	{`latency > status`, []wanted{{`latency > status`, `latency is a duration: compare it with a duration such as "500ms"`, ``}}},
	{`500 < latency`, []wanted{{`500`, `latency is a duration: compare it with a duration such as "500ms"`, ``}}},
	{`latency + 5 > "1s"`, []wanted{{`latency + 5`, `cannot add an int to a duration`, `write a duration such as "500ms"`}}},
	{`latency * "2s" > "1s"`, []wanted{{`latency * "2s"`, `cannot multiply a duration by a string`, ``}}},
	{`"1 parsec" < latency and latency in ["1s", "2 light years"]`, []wanted{
		{`"1 parsec"`, `"1 parsec" is not a duration`, durationHint},
		{`"2 light years"`, `"2 light years" is not a duration`, durationHint}}},
	{`body == 200`, []wanted{{`200`, `body is a string, 200 is an int`, `write "200" in quotes`}}},
	{`connected == "true"`, []wanted{{`"true"`, `connected is a bool, "true" is a string`, `write true without quotes`}}},
	{`"200" == status`, []wanted{{`"200"`, `status is an int, "200" is a string`, `write 200 without quotes`}}},
	{`now > "2026-01-01"`, []wanted{{`"2026-01-01"`, `now is a time, "2026-01-01" is a string`, `write date("2026-01-01")`}}},
	{`prev == body`, []wanted{{`prev == body`, `prev is a map, body is a string`, ``}}},
	{`connected > true`, []wanted{{`connected > true`, `connected is a bool: it cannot be compared with >`, ``}}},
	{`status == nil`, []wanted{{`status == nil`, `status is an int, and never null`, ``}}},
	{`running == nil`, []wanted{{`running == nil`, `running is a list, and never null`, `write len(running) == 0 to see whether it is empty`}}},
	{`status and body`, []wanted{
		{`status`, `status is an int, not true or false`, `compare it with something`},
		{`body`, `body is a string, not true or false`, `compare it with something`}}},
	{`status == 200 or 201`, []wanted{{`201`, `201 is an int, not true or false`, `write status == 201`}}},
	{`body contains "a" or prev.status == "healthy" or "degraded"`, []wanted{{`"degraded"`, `"degraded" is a string, not true or false`, `compare it with something`}}},
	{`status != 200 and 201 and 202`, []wanted{{`201`, `201 is an int, not true or false`, `write status != 201`}, {`202`, `202 is an int, not true or false`, `write status != 202`}}},
	{`not (status + 1)`, []wanted{{`status + 1`, `status + 1 is an int, not true or false`, `compare it with something`}}},
	{`any(rows, "x")`, []wanted{{`"x"`, `"x" is a string, not true or false`, `compare it with something`}}},
	{`status in ["200"]`, []wanted{{`status in ["200"]`, `status is an int, ["200"] holds strings`, `write 200 without quotes`}}},
	{`status in running`, []wanted{{`status in running`, `status is an int, running holds strings`, ``}}},
	{`"a" in body`, []wanted{{`"a" in body`, `body is a string: in looks into lists and maps`, `write body contains "a"`}}},
	{`running contains 5`, []wanted{{`running contains 5`, `5 is an int, running holds strings`, ``}}},
	{`row contains "a"`, []wanted{{`row`, `row is a map, and contains is for strings`, `write "a" in row`}}},
	{`body matches "("`, []wanted{{`"("`, "this is not a pattern: missing closing ): `(`", ``}}},
	{`body[0] == "a"`, []wanted{{`body`, `body is a string: it has no elements`, `write body[0:1] for its first character`}}},
	{`body.length > 1`, []wanted{{`body`, `body is a string: it has no fields`, ``}}},
	{`running.first == 1`, []wanted{{`first`, `running is a list: it has no field "first"`, `select one with [0], …`}}},
	{`running["a"] == "b"`, []wanted{{`"a"`, `running is a list: it has no field "a"`, `select one with [0], …`}}},
	{`(close_code?.x ?? 1) == 1`, []wanted{{`close_code`, `close_code is an int: it has no fields`, ``}}},
	{`headers[1] == "b"`, []wanted{{`1`, `the fields of headers have names, 1 is an int`, ``}}},
	{`"a" + 1 == "a1"`, []wanted{{`"a" + 1`, `cannot add an int to a string`, `string(…) makes a string of a value`}}},
	{`running + running == []`, []wanted{{`running + running`, `cannot add a list to a list`, `write concat(a, b)`}}},
	{`-body == 1`, []wanted{{`-body`, `body is a string, not a number`, ``}}},
	{`1 / 0 > 1`, []wanted{{`1 / 0`, `this divides by zero`, ``}}},
	{`9223372036854775807 + 1 > 1`, []wanted{{`9223372036854775807 + 1`, `the result is too large a number`, ``}}},
	{`upper(status) == "A"`, []wanted{{`status`, `upper takes a string: status is an int`, ``}}},
	{`upper() == "A"`, []wanted{{`upper()`, `upper takes one argument`, ``}}},
	{`split(body) == []`, []wanted{{`split(body)`, `split takes 2 to 3 arguments`, ``}}},
	{`int(latency) > 5`, []wanted{{`latency`, `int takes a string or a number: latency is a duration`, `write latency / "1ms" for its milliseconds`}}},
	{`duration("5x") > latency`, []wanted{{`duration("5x")`, `"5x" is not a duration`, ``}}},
	{`date("soon") > now`, []wanted{{`date("soon")`, `"soon" is not a date`, ``}}},
	{`count(running) > 1`, []wanted{{`count(running)`, `count takes a condition`, `write len(…) for how many there are`}}},
	{`any(status, # > 1)`, []wanted{{`status`, `any goes through a list: status is an int`, ``}}},
	{`sortBy(rows, .id, "up") == []`, []wanted{{`"up"`, `the order is "asc" or "desc"`, ``}}},
	{`filter(rows, #acc > 1) == []`, []wanted{{`#acc`, `there is no #acc here`, ``}}},
	{`{(status): 1} == {}`, []wanted{{`status`, `status is an int, not a string`, ``}}},
	{`body[connected:] == "a"`, []wanted{{`connected`, `connected is a bool, not a whole number`, ``}}},

	// Places: characters of several bytes, several lines, parentheses, calls.
	{"body == \"é→\" and\n\t(statu) == 1", []wanted{{`statu`, `there is no variable "statu"`, `did you mean "status"?`}}},
	{"\"é\" == body and\nbody == 1 and \"ü\" == 2", []wanted{
		{`>1`, `body is a string, 1 is an int`, `write "1" in quotes`},
		{`>2`, `"ü" is a string, 2 is an int`, `write "2" in quotes`}}},
	{`((status + 1)) * 2 and connected`, []wanted{{`((status + 1)) * 2`, `((status + 1)) * 2 is an int, not true or false`, `compare it with something`}}},
	{`(rows | filter(.id > 1) | len()) and connected`, []wanted{{`rows | filter(.id > 1) | len()`, `rows | filter(.id > 1) | len() is an int, not true or false`, `compare it with something`}}},
	{`json.a[(1)] == 1 and units[(0)].restarts`, []wanted{{`units[(0)].restarts`, `units[(0)].restarts is an int, not true or false`, `compare it with something`}}},
	{`(connected ? 1 : 2) and connected`, []wanted{{`connected ? 1 : 2`, `connected ? 1 : 2 is an int, not true or false`, `compare it with something`}}},
	{`(if connected {1} else {2}) and connected`, []wanted{{`if connected {1} else {2}`, `if connected {1} else {2} is an int, not true or false`, `compare it with something`}}},
	{`now.Hour() and connected`, []wanted{{`now.Hour()`, `now.Hour() is an int, not true or false`, `compare it with something`}}},
	{`(let x = 1; x) and connected`, []wanted{{`let x = 1; x`, `let x = 1; x is an int, not true or false`, `compare it with something`}}},
	{`1 < statu < 3`, []wanted{{`statu`, `there is no variable "statu"`, `did you mean "status"?`}}},
}

// shapedCases are mistakes where row and rows are known to have an id and a name.
var shapedCases = []struct {
	src  string
	want []wanted
}{
	{`row.id == "x"`, []wanted{{`"x"`, `row.id is an int, "x" is a string`, ``}}},
	{`row.idd == 1`, []wanted{{`idd`, `row has no field "idd"`, `did you mean "id"?`}}},
	{`row["idd"] == 1`, []wanted{{`"idd"`, `row has no field "idd"`, `did you mean "id"?`}}},
	{`(row.idd ?? 0) == 1`, []wanted{{`idd`, `row has no field "idd"`, `did you mean "id"?`}}},
	{`any(rows, .nam == "bob")`, []wanted{{`nam`, `an element of rows has no field "nam"`, `did you mean "name"?`}}},
	{`rows[0].name > 5`, []wanted{{`5`, `rows[0].name is a string, 5 is an int`, `write "5" in quotes`}}},
	{`first(rows).nme == "x"`, []wanted{{`nme`, `first(rows) has no field "nme"`, `did you mean "name"?`}}},
	{`filter(rows, .id > 1)[0].nme == "x"`, []wanted{{`nme`, `filter(rows, .id > 1)[0] has no field "nme"`, `did you mean "name"?`}}},
	{`row.id`, []wanted{{`row.id`, `row.id is an int: a rule must be true or false`, `compare it with something`}}},
}

func testScope() *Scope { return NewScope(testVars{}) }

func shapedScope() *Scope {
	fields := map[string]string{"id": "int", "name": "string", "n": "float"}
	return testScope().WithShape(map[string]map[string]string{"row": fields, "rows": fields})
}

func TestMistakes(t *testing.T) {
	s := testScope()
	for _, c := range mistakeCases {
		t.Run(c.src, func(t *testing.T) { expectMistakes(t, s, c.src, c.want) })
	}
}

func TestMistakesOfAShape(t *testing.T) {
	s := shapedScope()
	for _, c := range shapedCases {
		t.Run(c.src, func(t *testing.T) { expectMistakes(t, s, c.src, c.want) })
	}
}

func expectMistakes(t *testing.T, s *Scope, src string, want []wanted) {
	t.Helper()
	p, got := s.Rule(src)
	if p != nil {
		t.Fatal("it compiles")
	}
	expectAt(t, src, got, want)
}

func expectAt(t *testing.T, src string, got []Mistake, want []wanted) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("said is %+v, want %+v", got, want)
	}
	for i, w := range want {
		// A > before the text means its last occurrence.
		at, offset := w.at, 0
		if last, ok := strings.CutPrefix(w.at, ">"); ok && w.at != ">" {
			at, offset = last, strings.LastIndex(src, last)
		} else {
			offset = strings.Index(src, at)
		}
		g := got[i]
		if g.Offset != offset || g.Width != len(at) {
			t.Errorf("it stands at %d+%d, want %d+%d: %q", g.Offset, g.Width, offset, len(at), at)
		}
		if g.Message != w.message {
			t.Errorf("the message is\n%s, want\n%s", g.Message, w.message)
		}
		begin, open := strings.CutSuffix(w.hint, "…")
		if g.Hint != w.hint && !(open && strings.HasPrefix(g.Hint, begin)) {
			t.Errorf("the hint is\n%s, want\n%s", g.Hint, w.hint)
		}
	}
}

// No message or hint may show how the inside is made.
func TestMistakesHaveNoGoWords(t *testing.T) {
	for _, c := range append(mistakeCases, shapedCases...) {
		_, mistakes := shapedScope().Rule(c.src)
		for _, m := range mistakes {
			expectNoGoWords(t, c.src, m.Message+" "+m.Hint)
		}
	}
}

func expectNoGoWords(t *testing.T, src, message string) {
	t.Helper()
	for _, word := range []string{"interface", "float64", "time.", "[]", "map[", "reflect", "<nil>", "int64", " | ", "...^", "struct", "Operator("} {
		if strings.Contains(message, word) && !strings.Contains(src, word) {
			t.Errorf("%s: %q contains %q", src, message, word)
		}
	}
}
