// Package systemd has no code: its tests put the services of this folder, and of
// examples/polymarket/systemd, to work in a booted systemd.
package systemd

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"polyhealth/checktypes/checktest"
)

// TestVerify has systemd itself read every unit, with the programs that they name
// in place, and wants not a word from it.
func TestVerify(t *testing.T) {
	m := boot(t)
	for _, program := range []string{"/usr/local/bin/polyhealth", "/root/.local/bin/polyhealth", "/root/miniconda3/envs/polymarket/bin/python"} {
		m.write(t, program, "#!/bin/sh\n")
		m.Run(t, "chmod", "755", program)
	}
	if out := m.Run(t, "systemd-analyze", "verify", m.ours+"/polyhealth.service"); out != "" {
		t.Errorf("polyhealth.service:\n%s", out)
	}
	m.Run(t, "systemctl", "start", "user@0.service")
	units, err := filepath.Glob(m.bots + "/*.service")
	if err != nil || len(units) != 4 {
		t.Fatalf("the bot's services are %v (%v)", units, err)
	}
	for _, unit := range append(units, m.ours+"/user/polyhealth.service") {
		if out := m.Run(t, "systemd-analyze", "--user", "verify", unit); out != "" {
			t.Errorf("%s:\n%s", filepath.Base(unit), out)
		}
	}
}

// TestExposure keeps the system service as locked in as it is.
func TestExposure(t *testing.T) {
	m := boot(t)
	out := m.Run(t, "systemd-analyze", "security", "--offline=true", m.ours+"/polyhealth.service")
	found := regexp.MustCompile(`exposure level for polyhealth.service: ([0-9.]+)`).FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no exposure level in\n%s", out)
	}
	if level, err := strconv.ParseFloat(found[1], 64); err != nil || level > 2.5 {
		t.Errorf("the exposure level is %s, of 10", found[1])
	}
}

func TestShellcheck(t *testing.T) {
	shellcheck := checktest.Need(t, "shellcheck")
	out, err := exec.Command(shellcheck, "--shell=sh", "install.sh", bots+"/install.sh", "sandbox/boot.sh").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUsage wants the install scripts to refuse what they do not know, and to do
// nothing without a program to install.
func TestUsage(t *testing.T) {
	for _, c := range []struct {
		argv []string
		code int
	}{
		{[]string{"./install.sh", "--help"}, 0},
		{[]string{"./install.sh", "--sytem"}, 64},
		{[]string{"./install.sh", "--binary"}, 1},
		{[]string{"./install.sh", "--binary", "/nonexistent"}, 1},
		{[]string{bots + "/install.sh", "--nostart"}, 64},
		{[]string{bots + "/install.sh", "--no-start", "more"}, 64},
	} {
		cmd := exec.Command(c.argv[0], c.argv[1:]...)
		cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || len(out) == 0 {
			t.Errorf("%v exits %d, want %d, and says %q", c.argv, code, c.code, out)
		}
	}
}
