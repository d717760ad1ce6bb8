package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// size is a screen.
type size struct{ width, height int64 }

func phone() size   { return size{360, 740} }
func desktop() size { return size{1280, 800} }

// missing skips the test for want of something, or fails it where the browser tests must run.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CANDIDE_BROWSER") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// axeSource is the accessibility checker.
func axeSource(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("browsertest", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		missing(t, "axe-core is not installed: run `npm ci` in bot/web/browsertest")
	}
	return string(src)
}

// chromium starts a browser with a profile of its own.
func chromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the browser out")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium is not installed: on Debian, `apt-get install chromium`")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.DisableGPU, chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	ctx, leave := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("closing the browser:", err)
		}
		leave()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		missing(t, "chromium does not start: "+err.Error())
	}
	return ctx
}

// step is something done in a browser.
type step = chromedp.Action[chromedp.Void]

// tab is one window of somebody without cookies.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (r *rig) tab(t *testing.T, browser context.Context, s size, actions ...step) *tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { stop(); leave() })
	b := &tab{t: t, ctx: ctx, base: r.server.URL}
	if err := chromedp.Do(ctx); err != nil { // the window lives as long as the context of its first action
		t.Fatal(err)
	}
	b.run(chromedp.EmulateViewport(s.width, s.height))
	b.run(actions...)
	return b
}

// dark asks for dark colours.
func dark() step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return err
	})
}

// unscripted switches scripts off.
func unscripted() step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

func (b *tab) run(actions ...step) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, 30*time.Second)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("in the browser: %v\n%s", err, b.source())
	}
}

// get is what an action returns.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, 30*time.Second)
	defer stop()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("in the browser: %v\n%s", err, b.source())
	}
	return value
}

// eval is what an expression is worth on the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return get(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func (b *tab) source() string {
	ctx, stop := context.WithTimeout(b.ctx, 5*time.Second)
	defer stop()
	body, err := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("main")))
	if err != nil {
		return err.Error()
	}
	return body
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.base+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// see waits for words that can be seen on the page.
func (b *tab) see(words string) {
	b.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	b.until(`document.readyState === 'complete' && document.body.innerText.includes(`+string(quoted)+`)`, "the page says "+words)
}

// until waits for an expression to be true, also while one page makes way for another.
func (b *tab) until(expression, what string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		ctx, stop := context.WithTimeout(b.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		stop()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("in the browser, not so: %s (%v); the focus is on %q\n%s", what, err, b.focused(), b.source())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// still waits until the page has stopped scrolling: a click aims at where its button was. It asks from outside, since
// on a page without scripts nothing can be waited for within.
func (b *tab) still() {
	b.t.Helper()
	last, same := -1.0, 0
	for deadline := time.Now().Add(20 * time.Second); same < 10; {
		at := eval[float64](b, `scrollY`)
		if same++; at != last {
			last, same = at, 0
		}
		if time.Now().After(deadline) {
			b.t.Fatal("the page never stops scrolling")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// press presses a button or follows a link by what is written on it.
func (b *tab) press(label string) {
	b.t.Helper()
	b.still()
	b.run(chromedp.Click(chromedp.Search(fmt.Sprintf("//main//*[self::button or self::a][normalize-space(.)='%s']", label))))
}

func (b *tab) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		if k == kb.Enter {
			b.run(enter())
			continue
		}
		b.run(chromedp.KeyEvent(k))
	}
}

// enter presses the Enter key as a keyboard does: what the key does and the character it types are one event, so that
// a page that takes the first does not get the second.
func enter() step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		key := input.DispatchKeyEventParams{
			Type: "keyDown", Key: "Enter", Code: "Enter", Text: "\r", UnmodifiedText: "\r",
			WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
		}
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, key); err != nil {
			return err
		}
		key.Type, key.Text, key.UnmodifiedText = "keyUp", "", ""
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, key)
		return err
	})
}

// ask types a message and sends it.
func (b *tab) ask(text string) {
	b.t.Helper()
	b.run(chromedp.SendKeys(chromedp.ID("text"), text))
	b.keys(kb.Enter)
}

// focused says what has the focus: its id, else its name, else its text.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, `(() => { const e = document.activeElement
		return !e ? '' : e.className === 'errors' ? 'errors' : e.id || e.textContent.trim() })()`)
}

// tabTo moves the focus forward until it is on something.
func (b *tab) tabTo(what string) {
	b.t.Helper()
	var way []string
	for range 40 {
		b.keys(kb.Tab)
		at := b.focused()
		if at == what {
			return
		}
		way = append(way, at)
	}
	b.t.Fatalf("the Tab key never reaches %q: %q", what, way)
}

// fits checks that the page needs no horizontal scrolling.
func (b *tab) fits(name string) {
	b.t.Helper()
	if over := eval[int64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		b.t.Errorf("%s: %d pixels too wide", name, over)
	}
}

// targets checks that what one taps is big enough.
func (b *tab) targets(name string) {
	b.t.Helper()
	small := eval[[]string](b, `[...document.querySelectorAll('button, summary, .choice, .tabs a, .tools a, select, input:not([type=hidden]):not([type=radio]), textarea')]
		.filter(e => e.checkVisibility() && (e.getBoundingClientRect().height < 44 || e.getBoundingClientRect().width < 44))
		.map(e => e.outerHTML.slice(0, 80) + ' ' + e.getBoundingClientRect().height)`)
	for _, s := range small {
		b.t.Errorf("%s: too small to tap: %s", name, s)
	}
}

// axe checks the page's accessibility: no violation of any rule of WCAG 2.2 AA, nor of axe's best practices.
func (b *tab) axe(name, source string) {
	b.t.Helper()
	eval[chromedp.Void](b, source)
	report := eval[string](b, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
			.then(r => JSON.stringify({passes: r.passes.length, violations: r.violations.map(v => ({
				id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160) + ' | ' + (n.failureSummary || ''))}))}))`)
	var found struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Nodes    []string
		}
	}
	if err := json.Unmarshal([]byte(report), &found); err != nil {
		b.t.Fatal(err)
	}
	if found.Passes < 10 {
		b.t.Errorf("%s: axe checked only %d rules", name, found.Passes)
	}
	for _, v := range found.Violations {
		b.t.Errorf("%s: %s: %s\n\t%s", name, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// shot keeps a picture where CANDIDE_SHOTS says.
func (b *tab) shot(name string) {
	b.t.Helper()
	folder := os.Getenv("CANDIDE_SHOTS")
	if folder == "" {
		return
	}
	png := get(b, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
