package rule

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// generous is how much processor time anything here may take that takes far less;
// what it must not be is minutes, or a crash.
const generous = slowdown * 4 * time.Second

// within fails the test if f takes more of the processor than it may. The clock
// would tell more of what else the machine does.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := processorTime(t)
	f()
	if took := processorTime(t) - start; took > limit {
		t.Errorf("it took %v of the processor", took)
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// What is too long or too deep is one mistake, at once: the parser would overflow
// the stack, which nothing can recover from.
func TestSourceLimits(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, c := range []struct{ name, src, message string }{
		{"a million parentheses", many("(", 1_000_000), "this is too long: 1000000 bytes, where at most 16384 fit"},
		{"deep parentheses", many("(", 101) + "1" + many(")", 101), "this is nested too deeply: at most 100 levels are allowed"},
		{"deep lists", many("[", 200) + many("]", 200), "this is nested too deeply: at most 100 levels are allowed"},
		{"deep maps", many("{a: ", 200) + "1" + many("}", 200), "this is nested too deeply: at most 100 levels are allowed"},
		{"many !", many("!", 15000) + "true", "there are more than 100 operators in a row"},
		{"many ! apart", many("! ", 8000) + "true", "there are more than 100 operators in a row"},
		{"many minus", many("- ", 8000) + "1", "there are more than 100 operators in a row"},
		{"many not", many("not ", 4000) + "true", "there are more than 100 operators in a row"},
		{"many let", many("let a = 1; ", 200) + "true", "there are more than 100 let"},
		{"many parts", many("1+", 8000) + "1", "this has too many parts: at most 5000 are allowed"},
		{"only opening", many("[", 16000), "this is nested too deeply: at most 100 levels are allowed"},
		{"brackets in a string are none", `body == "` + many("(", 5000) + `"`, ""},
		{"brackets in a comment are none", `true /* ` + many("(", 5000) + ` */ // ` + many("[", 500), ""},
		{"escaped quotes", `body == "\"` + many("(", 500) + `"`, ""},
		{"a long pattern", `body matches "` + many("a", 1025) + `"`, "this is not a pattern: it is longer than 1024 bytes"},
		{"as deep as allowed", many("(", 100) + "true" + many(")", 100), ""},
		{"long chains", many("connected or ", 800) + "connected", ""},
		{"long member chains", "json" + many(".a", 2000) + " == 1", ""},
		{"long ternaries", many("connected ? 1 : ", 900) + "1 == 1", ""},
		{"long powers", many("2 ** ", 2000) + "1 == 1", "the result is too large a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			within(t, generous, func() {
				p, mistakes := testScope().Rule(c.src)
				switch {
				case c.message == "" && p == nil:
					t.Errorf("mistakes are %+v", mistakes)
				case c.message != "" && (len(mistakes) != 1 || mistakes[0].Message != c.message):
					t.Errorf("mistakes are %+v, want one: %s", mistakes, c.message)
				}
			})
		})
	}
}

// Chained comparisons stand in the tree twice, which doubles at each level.
func TestNestedChainsAreRefused(t *testing.T) {
	src := strings.Repeat("(1 < ", 40) + "(1 < status < 3 ? 1 : 0)" + strings.Repeat(" < 3 ? 1 : 0)", 40) + " == 1"
	within(t, generous, func() {
		_, mistakes := testScope().Rule(src)
		if len(mistakes) != 1 || !strings.HasPrefix(mistakes[0].Message, "this is too complex") {
			t.Errorf("mistakes are %+v", mistakes)
		}
	})
}

// bigVars hold what a probe may bring back at its largest.
func bigVars() testVars {
	v := sampleVars()
	v.Body = strings.Repeat("a", 10<<20)
	list := make([]any, 200_000)
	names := make([]string, 200_000)
	for i := range list {
		list[i] = map[string]any{"n": float64(i), "name": "x"}
		names[i] = "name"
	}
	v.JSON, v.Running = map[string]any{"items": list}, names
	return v
}

// A run ends soon, with an answer or with an error, whatever it goes through.
func TestRunLimits(t *testing.T) {
	s := testScope()
	env := any(bigVars())
	doubled := func(first, next string) string {
		src := "let a0 = " + first + "; "
		names := "0123456789abcdefghijklmnopqrstuvwxyz"
		for i := 1; i < 30; i++ {
			was, is := "a"+names[i-1:i], "a"+names[i:i+1]
			src += "let " + is + " = " + strings.ReplaceAll(next, "_", was) + "; "
		}
		return src
	}
	tooMuch := errSteps.Error()
	for _, c := range []struct{ name, src, want string }{
		{"one loop", `any(json.items, .n == 199999)`, ""},
		{"a long list, sorted", `sortBy(json.items, .n, "desc")[0].n == 199999`, ""},
		{"a search", `body contains "b" or body contains "aab"`, ""},
		{"a pattern", `body matches "b|c"`, ""},
		{"two loops", `any(json.items, let x = .n; any(json.items, .n > x + 1000000))`, tooMuch},
		{"two loops over strings", `any(running, let x = #; any(running, # != x))`, tooMuch},
		{"two loops over ranges", `let r = 1..900000; all(r, all(r, true))`, tooMuch},
		{"a range", `len(1..1000000000) > 1`, tooMuch},
		{"a search in a loop", `any(json.items, body contains .name)`, tooMuch},
		{"a plain search in a loop", `any(running, body contains "b")`, tooMuch},
		{"a large pattern", `body matches "(x+x+)+y|(a?){100}a{100}b"`, tooMuch},
		{"a pattern in a loop", `any(json.items, body matches "(a|b)+c")`, tooMuch},
		{"JSON in a loop", `any(json.items, len(toJSON(json)) == 1)`, "toJSON(json): the result is too long a text"},
		{"text that doubles", doubled(`"aaaa"`, `_ + _`) + `at != ""`, "… the result is too long a text"},
		{"lists that double", doubled(`[1]`, `concat(_, _)`) + `len(at) > 0`, "… the list is too long"},
		{"lists that hold each other, flat", doubled(`[1]`, `[_, _]`) + `len(flatten(at)) > 0`, "flatten(at): the list is too long"},
		{"lists that hold each other, as text", doubled(`[1]`, `[_, _]`) + `toJSON(at) != ""`, "toJSON(at): the result is too long a text"},
		{"lists that hold each other, compared", doubled(`[1]`, `[_, _]`) + `at == at`, tooMuch},
		{"lists that hold each other, apart", doubled(`[1]`, `[_, _]`) + `len(uniq([at])) == 1`, "uniq([at]): the result is too long a text"},
		{"lists of the same list, apart", `let t = take(json.items, 1000); len(uniq(map(1..1000, t))) == 1`, "uniq(map(1..1000, t)): the result is too long a text"},
		{"many lists", `len(map(1..100000, split("` + strings.Repeat("a ", 30) + `", " "))) == 1`, tooMuch},
		{"a replacement that grows", `replace(body, "a", body) == ""`, "replace(body, \"a\", body): the result is too long a text"},
		{"a split", `len(split(body, "")) == 1`, `split(body, ""): the list is too long`},
		{"a deep list, as text", `toJSON(reduce(1..5000, [#acc], 0)) != ""`, "toJSON(reduce(1..5000, [#acc], 0)): lists or maps lie within each other more than 1000 deep"},
		{"a deep list, compared", `let a = reduce(1..100000, [#acc], 0); a == a`, "lists or maps lie within each other more than 1000 deep"},
		{"a deep list, flat", `len(flatten(reduce(1..100000, [#acc], 0))) == 1`, "flatten(reduce(1..100000, [#acc], 0)): lists or maps lie within each other more than 1000 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustRule(t, s, c.src)
			within(t, generous, func() {
				_, err := p.True(new(VM), env)
				switch {
				case c.want == "" && err != nil:
					t.Errorf("it failed: %v", err)
				case c.want == "":
				case err == nil:
					t.Errorf("there is no error, want %s", c.want)
				case !strings.HasSuffix(err.Error(), strings.TrimPrefix(c.want, "… ")):
					t.Errorf("the error is %v, want %s", err, c.want)
				}
			})
		})
	}
	t.Run("values", func(t *testing.T) {
		for src, want := range map[string]error{
			doubled(`[1]`, `[_, _]`) + `at`:       errSteps,
			`reduce(1..100000, [#acc], 0)`:        errDeep,
			`map(1..10000, body)`:                 errSteps,
			`reduce(1..100000, [{"a": #acc}], 1)`: errDeep,
		} {
			p := mustValue(t, s, src)
			within(t, generous, func() {
				if _, err := p.Eval(new(VM), env); err != want {
					t.Errorf("%s: the error is %v, want %v", src, err, want)
				}
			})
		}
	})
}
