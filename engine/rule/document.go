package rule

// A Function describes what an expression may call, for documentation.
type Function struct {
	// Call is how it is called: upper(text), or time.Hour() where it is a method.
	Call string
	// Doc is one sentence on what it is.
	Doc string
	// Example is an expression with it that is true.
	Example string
}

// A Group is functions that belong together.
type Group struct {
	Name      string
	Doc       string // what there is to know of all of them, or empty
	Functions []Function
}

// Functions are all functions and methods, for documentation.
func Functions() []Group {
	return []Group{
		{"Text", "", textDocs}, {"Numbers", "", numberDocs}, {"Lists", "", listDocs}, {"Maps", "", mapDocs},
		{"Values of any kind", "", valueDocs}, {"Times and durations", "", timeDocs}, {"Earlier results", pastDoc, pastDocs},
	}
}

const pastDoc = "These look back at what the same check found before. Where there is nothing to look back at they are nil, " +
	"which compares with nothing: the result is unknown, unless ?? gives a value for it, as in (rate(count) ?? 0) > 5. " +
	"A reload forgets nothing, unless the check's target changed. " +
	"A result of a window takes 16 bytes while it is kept, so that an hour of a check that runs every 30s takes 2 KB; " +
	"more than 4096 results of one check, or 256 MB of all, are a mistake of the file. Of the other functions a few bytes are kept, whatever the value. " +
	"The examples are true of a probe that took 400ms, a minute after one that took 200ms, an hour after one that took 300ms and was unhealthy."

var textDocs = []Function{
	{`len(text)`, `How many characters a text has.`, `len("añb") == 3`},
	{`upper(text)`, `The text in capitals.`, `upper("ok") == "OK"`},
	{`lower(text)`, `The text in small letters.`, `lower("OK") == "ok"`},
	{`trim(text, characters)`, `The text without space, or without those characters, at its ends.`, `trim(" a ") == "a"`},
	{`trimPrefix(text, start)`, `The text without that start, where it has it.`, `trimPrefix("v1", "v") == "1"`},
	{`trimSuffix(text, end)`, `The text without that end, where it has it.`, `trimSuffix("5%", "%") == "5"`},
	{`hasPrefix(text, start)`, `Whether the text starts so, as startsWith says too.`, `hasPrefix("ok: 5", "ok")`},
	{`hasSuffix(text, end)`, `Whether the text ends so, as endsWith says too.`, `hasSuffix("a.log", ".log")`},
	{`indexOf(text, part)`, `Where the part first stands, counted in characters from 0; -1 where it does not.`, `indexOf("a=b", "=") == 1`},
	{`lastIndexOf(text, part)`, `Where the part last stands; -1 where it does not.`, `lastIndexOf("a/b/c", "/") == 3`},
	{`split(text, separator, most)`, `The parts between separators, as a list of most parts at most.`, `split("a,b", ",")[1] == "b"`},
	{`splitAfter(text, separator, most)`, `The same, with the separators.`, `splitAfter("a,b", ",")[0] == "a,"`},
	{`replace(text, old, new, most)`, `The text with new in place of old, everywhere or the first few times.`, `replace("a-b", "-", "+") == "a+b"`},
	{`join(list, separator)`, `The texts of a list as one.`, `join(["a", "b"], ", ") == "a, b"`},
	{`toBase64(text)`, `The text in base64.`, `toBase64("ok") == "b2s="`},
	{`fromBase64(text)`, `The text that base64 stands for.`, `fromBase64("b2s=") == "ok"`},
	{`semver(text)`, `A semantic version, with or without a v, which compares as such, with another one or with one in quotes.`,
		`semver("v1.10.0") > "1.9.3" and semver("1.0.0-rc.1") < semver("1.0.0")`},
}

var numberDocs = []Function{
	{`abs(number)`, `The number, or the duration, without its sign.`, `abs(-3) == 3`},
	{`ceil(number)`, `The next whole number up.`, `ceil(1.2) == 2`},
	{`floor(number)`, `The next whole number down.`, `floor(1.8) == 1`},
	{`round(number)`, `The nearest whole number.`, `round(1.5) == 2`},
	{`int(value)`, `A number without what follows its point, or the whole number that a text holds.`, `int("42") == 42`},
	{`float(value)`, `A number, or the number that a text holds.`, `float("1.5") == 1.5`},
	{`max(values…)`, `The greatest of numbers, durations, times, and lists of them.`, `max([1, 5], 3) == 5`},
	{`min(values…)`, `The least of them.`, `min(2, 1.5) == 1.5`},
	{`sum(list)`, `All numbers or durations of a list together; 0 of none. sum(list, value) sums up a value of each element.`, `sum([1, 2.5]) == 3.5`},
	{`mean(values…)`, `The mean of numbers, durations, and lists of them; so does avg.`, `mean(1, 2) == 1.5`},
	{`avg(values…)`, `The same as mean.`, `avg([1, 2, 6]) == 3`},
	{`median(values…)`, `The value in the middle.`, `median([9, 1, 3]) == 3`},
	{`p90(values…)`, `The least value that 90% of all are not above.`, `p90(1..100) == 90`},
	{`p95(values…)`, `The least value that 95% of all are not above.`, `p95([1, 2, 30]) == 30`},
	{`p99(values…)`, `The least value that 99% of all are not above.`, `p99(1..200) == 198`},
	{`percent(part, whole)`, `How many percent of the whole the part is, of numbers or durations.`, `percent(1, 8) == 12.5`},
	{`bitand(a, b)`, `The bits that both whole numbers have.`, `bitand(6, 3) == 2`},
	{`bitor(a, b)`, `The bits that either has.`, `bitor(6, 3) == 7`},
	{`bitxor(a, b)`, `The bits that one of the two has.`, `bitxor(6, 3) == 5`},
	{`bitnand(a, b)`, `The bits that a has and b has not.`, `bitnand(6, 3) == 4`},
	{`bitnot(a)`, `The bits that a has not.`, `bitnot(0) == -1`},
	{`bitshl(a, by)`, `The bits moved to the left.`, `bitshl(1, 3) == 8`},
	{`bitshr(a, by)`, `The bits moved to the right, with the sign.`, `bitshr(-8, 1) == -4`},
	{`bitushr(a, by)`, `The bits moved to the right, without the sign.`, `bitushr(8, 1) == 4`},
}

var listDocs = []Function{
	{`len(list)`, `How many elements a list has, or names a map.`, `len([1, 2]) == 2`},
	{`any(list, condition)`, `Whether the condition is true for an element; # is the element, and .name a field of it.`, `any([1, 5], # > 3)`},
	{`all(list, condition)`, `Whether it is true for every element; of none it is.`, `all([{"n": 1}], .n == 1)`},
	{`none(list, condition)`, `Whether it is true for no element.`, `none([1, 2], # > 3)`},
	{`one(list, condition)`, `Whether it is true for exactly one.`, `one([1, 5], # > 3)`},
	{`count(list, condition)`, `For how many elements it is true.`, `count([1, 5, 7], # > 3) == 2`},
	{`filter(list, condition)`, `Those elements for which it is true.`, `filter([1, 5], # > 3) == [5]`},
	{`find(list, condition)`, `The first such element, or nil.`, `find([1, 5, 7], # > 3) == 5`},
	{`findIndex(list, condition)`, `Where it stands, counted from 0, or nil.`, `findIndex([1, 5, 7], # > 3) == 1`},
	{`findLast(list, condition)`, `The last such element, or nil.`, `findLast([1, 5, 7], # > 3) == 7`},
	{`findLastIndex(list, condition)`, `Where that stands, or nil.`, `findLastIndex([1, 5, 7], # > 3) == 2`},
	{`map(list, value)`, `A list of a value of each element.`, `map([1, 2], # * 10) == [10, 20]`},
	{`reduce(list, value, start)`, `A value made of all elements in turn; #acc is what it has come to.`, `reduce([1, 2, 3], #acc * #, 1) == 6`},
	{`groupBy(list, value)`, `A map of lists: the elements by a value of each.`, `len(groupBy(["a", "bb", "c"], len(#))[1]) == 2`},
	{`sort(list, order)`, `The list in order, "asc" or "desc".`, `sort([3, 1]) == [1, 3]`},
	{`sortBy(list, value, order)`, `The list in the order of a value of each element.`, `sortBy([{"n": 2}, {"n": 1}], .n)[0].n == 1`},
	{`first(list)`, `The first element, or nil.`, `first([1, 2]) == 1`},
	{`last(list)`, `The last element, or nil.`, `last([1, 2]) == 2`},
	{`take(list, n)`, `The first n elements.`, `take([1, 2, 3], 2) == [1, 2]`},
	{`reverse(list)`, `The list from its end.`, `reverse([1, 2]) == [2, 1]`},
	{`uniq(list)`, `The list without repetitions.`, `uniq([1, 2, 1]) == [1, 2]`},
	{`concat(lists…)`, `The elements of all lists in one.`, `concat([1], [2]) == [1, 2]`},
	{`flatten(list)`, `The elements of the lists in a list, in one.`, `flatten([[1], [2, [3]]]) == [1, 2, 3]`},
}

var mapDocs = []Function{
	{`get(map, name)`, `A field, or an element of a list; nil where there is none.`, `get({"a": 1}, "b") == nil`},
	{`keys(map)`, `The names of the fields, sorted.`, `keys({"b": 1, "a": 2}) == ["a", "b"]`},
	{`values(map)`, `Their values, in the order of the names.`, `values({"b": 1, "a": 2}) == [2, 1]`},
	{`toPairs(map)`, `A list of lists of a name and a value.`, `toPairs({"a": 1}) == [["a", 1]]`},
	{`fromPairs(list)`, `The map of such a list.`, `fromPairs([["a", 1]]).a == 1`},
	{`jsonpath(value, path)`, `What a path selects: $ is the value, then .name, ["a name"], [0], [-1] from the end; .* and [*] select ` +
		`all, and make a list. nil where there is nothing.`, `jsonpath({"a": [{"b": 7}]}, "$.a[0].b") == 7`},
}

var valueDocs = []Function{
	{`string(value)`, `The value as text.`, `string(1.5) == "1.5"`},
	{`type(value)`, `Its kind, as a word.`, `type("a") == "string"`},
	{`toJSON(value)`, `The value as JSON.`, `toJSON([1, nil]) == "[1,null]"`},
	{`fromJSON(text)`, `The value that JSON stands for.`, `fromJSON("{\"a\": 1}").a == 1`},
}

var timeDocs = []Function{
	{`duration(text)`, `The duration that a text holds; needed only where a quoted one does not meet another duration.`, `duration("1h30m") == duration("90m")`},
	{`date(text, layout)`, `The time that a text holds, in RFC 3339 or another usual form, or in that of a Go layout.`, `date("2026-01-31") < now`},
	{`since(time)`, `How long ago a time was, or the one that a text holds: now less that time.`, `since(now - "5m") == "5m"`},
	{`age(time)`, `The same as since.`, `age("2026-01-31T00:00:00Z") > "1h"`},
	{`until(time)`, `How far ahead it is.`, `until(now + "5m") == "5m"`},
	{`time.Year()`, `The year of a time, in its own zone.`, `date("2026-01-31").Year() == 2026`},
	{`time.Month()`, `The month, from 1.`, `date("2026-01-31").Month() == 1`},
	{`time.Day()`, `The day of the month, from 1.`, `date("2026-01-31").Day() == 31`},
	{`time.YearDay()`, `The day of the year, from 1.`, `date("2026-02-01").YearDay() == 32`},
	{`time.Weekday()`, `The day of the week; 0 is Sunday.`, `date("2026-01-31").Weekday() == 6`},
	{`time.Hour()`, `The hour, from 0.`, `date("2026-01-31T15:04:05Z").Hour() == 15`},
	{`time.Minute()`, `The minute, from 0.`, `date("2026-01-31T15:04:05Z").Minute() == 4`},
	{`time.Second()`, `The second, from 0.`, `date("2026-01-31T15:04:05Z").Second() == 5`},
	{`time.Unix()`, `The seconds since 1970.`, `date("1970-01-02").Unix() == 86400`},
	{`time.Format(layout)`, `The time as text, in the form of a Go layout.`, `date("2026-01-31").Format("02.01.2006") == "31.01.2026"`},
	{`duration.Hours()`, `A duration as a number of hours.`, `duration("90m").Hours() == 1.5`},
	{`duration.Minutes()`, `As a number of minutes.`, `duration("90s").Minutes() == 1.5`},
	{`duration.Seconds()`, `As a number of seconds.`, `duration("1.5s").Seconds() == 1.5`},
	{`duration.Milliseconds()`, `As a number of milliseconds.`, `duration("1.5s").Milliseconds() == 1500`},
	{`duration.Microseconds()`, `As a number of microseconds.`, `duration("1ms").Microseconds() == 1000`},
}

var pastDocs = []Function{
	{`avg(latency, window)`, `The mean latency of all probes that worked in a time such as "10m", at most "24h", with this one; nil where none did. ` +
		`After a restart it goes on from the history, without what was unhealthy.`, `avg(latency, "10m") == "300ms"`},
	{`min(latency, window)`, `The least latency in that time.`, `min(latency, "10m") == "200ms"`},
	{`max(latency, window)`, `The greatest.`, `max(latency, "2h") == "400ms"`},
	{`mean(latency, window)`, `The same as avg.`, `mean(latency, "2h") == "300ms"`},
	{`median(latency, window)`, `The one in the middle.`, `median(latency, "2h") == "300ms"`},
	{`p90(latency, window)`, `The latency that 90% were not above.`, `p90(latency, "2h") == "400ms"`},
	{`p95(latency, window)`, `The latency that 95% were not above.`, `p95(latency, "2h") == "400ms"`},
	{`p99(latency, window)`, `The latency that 99% were not above.`, `p99(latency, "2h") == "400ms"`},
	{`count_status(status, window)`, `How many results in that time, before this one, were "healthy", "degraded", "unhealthy", "unknown" or "any".`,
		`count_status("unhealthy", "2h") == 1 and count_status("any", "2h") == 2`},
	{`delta(value)`, `A number, duration or time less what it was in the last result that had one; nil where there was none, ` +
		`as in the first after a start.`, `delta(latency) == "200ms"`},
	{`rate(number)`, `By how much a number has grown a second since then. Where it is less than it was, it was set to 0 in between.`,
		`(rate(latency.Seconds()) ?? 0) > 0`},
	{`changed(value)`, `Whether a value is another one than then, also of a list or a map.`, `changed(latency) and not changed(error)`},
}
