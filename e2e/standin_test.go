package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"candide/e2e/harness"
)

// standInVariable makes the test binary behave as candide: enough of it to
// prove that the harness starts, watches and stops it. Its value says how.
const standInVariable = "CANDIDE_STAND_IN"

// standIn serves /readyz on the configured address until it is terminated.
func standIn(args []string) int {
	if os.Getenv(standInVariable) == "broken" {
		fmt.Fprintln(os.Stderr, "stand-in: no such team")
		return 3
	}
	fmt.Fprintln(os.Stderr, "stand-in:", strings.Join(args, " "))
	config, err := os.ReadFile(args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	listen := regexp.MustCompile(`listen: "([^"]+)"`).FindSubmatch(config)
	if listen == nil || os.Getenv("CANDIDE_MATTERMOST_TOKEN") == "" {
		fmt.Fprintln(os.Stderr, "stand-in: no address or no token in:", string(config))
		return 1
	}
	server := &http.Server{Addr: string(listen[1]), Handler: http.NewServeMux(), ReadHeaderTimeout: time.Second}
	server.Handler.(*http.ServeMux).HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	return 0
}

func TestCandideProcess(t *testing.T) {
	t.Parallel()
	w := harness.NewWorld(t)
	bot := w.Bot("candide")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := harness.Config{
		Binary: self, Dir: harness.TempDir(t),
		RecruitersChannel: "recruteurs", Command: "candide",
		FAQ: "faq.yaml", Channels: []string{"recrutement", "accueil"}, TeamChannel: "jury",
		Env: map[string]string{standInVariable: "1"},
		At:  time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC),
	}
	candide := w.Candide(bot, config)
	if want := "run --config " + candide.ConfigPath() + " --at 2020-11-16T09:00:00Z"; !strings.Contains(candide.Log(), want) {
		t.Errorf("the command line is not %q:\n%s", want, candide.Log())
	}
	text, err := os.ReadFile(candide.ConfigPath())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`url: "` + w.Server.URL() + `"`, `team: "` + w.Team.Name + `"`, `recruiters_channel: "recruteurs"`,
		`channels: ["recrutement", "accueil"]`, `team_channel: "jury"`, `public_url: "` + candide.URL() + `"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the configuration lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), bot.Token) {
		t.Error("the token is in the configuration file")
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := candide.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := candide.Start(ctx); err != nil {
		t.Fatal(err)
	}
	candide.Kill()
	if err := candide.Start(ctx); err != nil {
		t.Fatal(err)
	}

	config.Dir, config.Token = harness.TempDir(t), bot.Token
	config.Env = map[string]string{standInVariable: "broken"}
	if _, err := harness.StartCandide(ctx, config); err == nil || !strings.Contains(err.Error(), "no such team") {
		t.Errorf("a process that ends at once: %v", err)
	}
}
