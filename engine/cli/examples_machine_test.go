package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"polyhealth/checktypes/checktest"
)

// programs puts shell scripts, by name, before all other programs for the example.
func (e *example) programs(scripts map[string]string) {
	e.t.Helper()
	dir := e.t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			e.t.Fatal(err)
		}
	}
	e.env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
}

// TestExampleLaptop asks this machine, whose state is its own affair, and then one
// that is in a bad way. (The units are TestExampleUnits' business.)
func TestExampleLaptop(t *testing.T) {
	e := exampleOf(t, "laptop.yaml")
	e.finds(
		"disk (healthy ([0-9]|[1-7][0-9]|8[0-4])|degraded (8[5-9]|9[0-4])|unhealthy (9[5-9]|100))% of / used",
		"memory (healthy ([5-9][0-9]{2}|[0-9]{4,})|degraded [1-4]?[0-9]{1,2}) MiB available",
		"load (healthy|degraded) load of [0-9.]+ a CPU",
	)
	for _, machine := range []struct {
		used            int
		memory, load    string
		disk, mem, busy string
	}{
		{84, "500", "4.0", "healthy", "healthy", "healthy"},
		{85, "499", "4.1", "degraded", "degraded", "degraded"},
		{95, "3", "400", "unhealthy", "degraded", "degraded"},
	} {
		e.programs(map[string]string{
			"df":  fmt.Sprintf("printf 'Use%%%%\\n %d%%%%\\n'", machine.used),
			"awk": fmt.Sprintf(`case "$*" in *MemAvailable*) echo %s ;; *loadavg) echo %s ;; esac`, machine.memory, machine.load),
		})
		e.finds(
			fmt.Sprintf("disk %s %d%% of / used", machine.disk, machine.used),
			fmt.Sprintf("memory %s %s MiB available", machine.mem, machine.memory),
			fmt.Sprintf("load %s load of %s a CPU", machine.busy, machine.load),
		)
	}
	e.programs(map[string]string{"df": "exit 1", "awk": "exit 1"}) // nothing said is nothing known
	e.finds("disk unknown .*", "memory unknown .*", "load unknown .*")
}

func TestExampleNagios(t *testing.T) {
	for _, plugin := range []string{"check_load", "check_disk", "check_tcp"} {
		checktest.Need(t, plugin)
	}
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	e := exampleOf(t, "nagios.yaml")
	e.edit(`"22"`, `"`+port+`"`)
	e.finds( // load and disk are as they are
		"load (healthy LOAD OK|degraded LOAD WARNING|unhealthy LOAD CRITICAL) - .*load average: .*",
		"disk (healthy DISK OK|degraded DISK WARNING|unhealthy DISK CRITICAL) - free space: / .*",
		"ssh healthy TCP OK - .* port "+port,
	)
	edited := func(name, old, with string) {
		t.Helper()
		e := exampleOf(t, "nagios.yaml")
		e.edit(`"22"`, `"`+port+`"`)
		e.edit(old, with)
		e.finds(name)
	}
	edited("load healthy LOAD OK - .*", `-w, "15,10,5", -c, "30,25,20"`, `-w, "1e6,1e6,1e6", -c, "1e6,1e6,1e6"`)
	edited("disk healthy DISK OK - .*", `-w, "20%", -c, "10%"`, `-w, "0%", -c, "0%"`)
	edited("disk degraded DISK WARNING - .*", `"20%"`, `"100%"`)
	edited("disk unhealthy DISK CRITICAL - .*", `-w, "20%", -c, "10%"`, `-w, "100%", -c, "100%"`)
	edited("disk unhealthy DISK CRITICAL - /nonexistent.*", "-p, /]", "-p, /nonexistent]")
	edited("load unknown .*", `"15,10,5"`, `"many"`)
	edited("load unknown .*/nowhere/check_load.*", "/usr/lib/nagios/plugins/check_load", "/nowhere/check_load")
	edited("ssh degraded TCP OK - .*", "value > 0.5", "value >= 0")
	edited("ssh unknown Usage:.*", "-p, \""+port+"\"", "-x")
	l.Close()
	e.finds("ssh unhealthy .*[Cc]onnection refused.*")
}
