package cli

import (
	"os"
	"strings"
	"testing"
)

// An expression that looks back is tried on what the daemon has found so far, which
// goes on meanwhile.
func TestEvalKnowsEarlierResults(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(always+never))
	p := start(t, dir)
	for _, src := range []string{
		`count_status("unhealthy", "1h") >= 3`,
		`prev.status == "unhealthy"`,
		`consecutive_failures >= 3`,
	} {
		eventually(t, ample, src, func() bool {
			out, _ := p.command("eval", "never", src)
			return strings.HasPrefix(out, "true\n")
		})
	}
	eventually(t, ample, "a latency of before", func() bool {
		out, code := p.command("eval", "always", `[count_status("healthy", "1h") > 1, max(latency, "1h") >= latency, delta(latency)]`)
		if code != 0 {
			t.Fatalf("exits %d: %s", code, out)
		}
		return strings.HasPrefix(out, "[true,true,null]\n")
	})
	if p.stop() != 0 {
		t.Error(p.logged())
	}
	if out, code := p.command("eval", "never", `count_status("any", "1h") > 2`); code != 0 || !strings.HasPrefix(out, "true\n") {
		t.Errorf("once it has stopped it is %s", out)
	}
	if err := os.Remove(dir + "/polyhealth.db"); err != nil {
		t.Fatal(err)
	}
	out, code := p.command("eval", "never", `count_status("any", "1h")`)
	if want := "polyhealth: no earlier results are known: cannot read the database polyhealth.db: no such file or directory\n0\n"; code != 0 || out != want {
		t.Errorf("without a database it exits %d: %s", code, out)
	}
	// What does not look back needs none.
	if out, _ := p.command("eval", "never", `exit_code`); out != "1\n" {
		t.Errorf("it is %s", out)
	}
}
