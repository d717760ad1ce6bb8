package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"candide/cmd/candide/config"
)

// TestScreenshots takes the README's pictures from the running program: `make screenshots`.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("CANDIDE_SCREENSHOTS")
	if folder == "" {
		t.Skip("pictures are taken by `make screenshots`")
	}
	page := servePage(t, time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC))
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(chromium), chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.DisableGPU, chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "fr-FR"), chromedp.WSURLReadTimeout(time.Minute))
	defer stop()
	browser, leave := chromedp.NewContext(alloc)
	defer leave()
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}

	for _, shot := range []struct {
		name          string
		width, height int64
		scale         float64
		questions     []string
	}{
		{"web-phone", 390, 844, 2, []string{"c quand la date limite ?", "c payé combien ?"}},
		{"web-desktop", 1280, 800, 1, []string{"Jusqu’à quand peut-on candidater ?", "c’est quoi le contrat ?"}},
	} {
		window, leave := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		ctx, stop := context.WithTimeout(window, time.Minute)
		if err := chromedp.Do(ctx); err != nil {
			t.Fatal(err)
		}
		do := func(actions ...chromedp.Action[chromedp.Void]) {
			t.Helper()
			if err := chromedp.Do(ctx, actions...); err != nil {
				t.Fatalf("%s: %v", shot.name, err)
			}
		}
		do(chromedp.EmulateViewport(shot.width, shot.height, chromedp.EmulateScale(shot.scale)),
			chromedp.Navigate(page), chromedp.WaitReady(chromedp.CSS("#composer")))
		for i, text := range shot.questions {
			do(chromedp.SendKeys(chromedp.CSS("#text"), text), chromedp.Click(chromedp.CSS("#composer button.first")))
			awaitAnswers(t, ctx, i+1)
		}
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatalf("%s: %v", shot.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, shot.name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
		stop()
		leave()
	}
}

// servePage runs the demonstration at a time, and returns the candidates' page.
func servePage(t *testing.T, at time.Time) string {
	t.Helper()
	cfg, err := config.Load("", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	listen := "127.0.0.1:0"
	cfg.Storage.Path, cfg.HTTP.Listen, cfg.Web.Listen = filepath.Join(t.TempDir(), "candide.db"), listen, &listen
	a, err := newApp(cfg, appOptions{now: startingAt(at), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	run(t, a)
	return "http://" + a.servers.address(listen)
}

// awaitAnswers waits until the conversation holds n answers.
func awaitAnswers(t *testing.T, ctx context.Context, n int) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(50 * time.Millisecond) {
		answers, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll('#log .bot').length`))
		if err == nil && answers >= n {
			return
		}
	}
	t.Fatalf("%d answers never came", n)
}
