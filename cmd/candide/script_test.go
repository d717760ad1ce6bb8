package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// buildProgram builds the program as people get it. The tests' own binary would do the same many times slower under
// the race detector, which TestStory serves better.
func buildProgram(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	build := exec.Command("go", "build", "-o", folder, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return folder
}

// TestScripts runs the command line as people do: testdata/script says what they type and what they get.
func TestScripts(t *testing.T) {
	folder := buildProgram(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", folder+string(os.PathListSeparator)+e.Getenv("PATH"))
			jar, err := cookiejar.New(nil)
			if err != nil {
				return err
			}
			e.Values["client"] = &http.Client{Jar: jar, Timeout: 10 * time.Second}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitFor,
			"sigterm": sigterm,
			"http":    request,
			"rc":      exitCode,
			"repeat":  repeat,
			"unhex":   unhex,
			"second":  secondConfig,
		},
	})
}

// patience is how long a condition has to come true: far more than it ever takes, so that only a fault reaches it.
const patience = 30 * time.Second

// waitFor waits until a condition holds:
//
//	waitfor running DATABASE   the bot on this database answers on its control socket; its first address goes to $HTTP
//	waitfor ready              $HTTP/readyz answers 200
//	waitfor file PATH          the file exists
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: waitfor running DATABASE | ready | file PATH")
	}
	condition := func() error { return fmt.Errorf("unknown condition %q", args[0]) }
	switch args[0] {
	case "running":
		condition = func() error {
			s, err := askStatus(context.Background(), ts.MkAbs(args[1]))
			for _, bound := range s.Addresses {
				ts.Setenv("HTTP", "http://"+bound)
			}
			return err
		}
	case "ready":
		condition = func() error {
			resp, err := http.Get(ts.Getenv("HTTP") + "/readyz")
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("readyz answers %s", resp.Status)
			}
			return nil
		}
	case "file":
		condition = func() error { _, err := os.Stat(ts.MkAbs(args[1])); return err }
	}
	var err error
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		if err = condition(); err == nil {
			return
		}
	}
	ts.Fatalf("waiting for %s: %v", strings.Join(args, " "), err)
}

// sigterm asks every background command to stop, as a supervisor does.
func sigterm(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		if cmd.ProcessState == nil {
			ts.Check(cmd.Process.Signal(syscall.SIGTERM))
		}
	}
}

// request calls the bot and writes the status and the body to a file: http FILE GET PATH, http FILE POST PATH name=value…
func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: http FILE METHOD PATH [name=value…]")
	}
	form := url.Values{}
	for _, field := range args[3:] {
		name, value, _ := strings.Cut(field, "=")
		form.Add(name, value)
	}
	req, err := http.NewRequest(args[1], ts.Getenv("HTTP")+args[2], strings.NewReader(form.Encode()))
	ts.Check(err)
	if len(form) > 0 {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := ts.Value("client").(*http.Client).Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), append([]byte(resp.Status+"\n"), body...), 0o600))
}

// exitCode runs candide and checks its exit code, which “! exec” does not tell: rc CODE ARGS…
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: rc CODE ARGS…")
	}
	err := ts.Exec("candide", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("candide %s: exit code %s, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// repeat writes a text many times to a file: repeat FILE COUNT TEXT.
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	var n int
	_, err := fmt.Sscan(args[1], &n)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(args[2], n)), 0o600))
}

// unhex writes bytes given in hexadecimal to a file: unhex FILE 00ff.
func unhex(ts *testscript.TestScript, _ bool, args []string) {
	var src []byte
	_, err := fmt.Sscanf(args[1], "%x", &src)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), src, 0o600))
}

// secondConfig writes a configuration for a second bot at the address of a running one: second URL FILE.
func secondConfig(ts *testscript.TestScript, _ bool, args []string) {
	address := strings.TrimPrefix(args[0], "http://")
	text := fmt.Sprintf("storage: {path: second.db}\nhttp: {listen: %q}\nweb: {listen: \"\"}\n", address)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
