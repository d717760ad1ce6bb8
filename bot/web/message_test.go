package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"candide/bot/web"
)

func TestAnswer(t *testing.T) {
	b := newRig(t).browser()
	page := b.ask("C’est payé combien ?")
	page.has(t, `<p class="typed">C’est payé combien ?</p>`, "<strong>2 500 € nets par mois</strong>", `role="log"`, `aria-live="polite"`)
	page.lacks(t, `id="welcome"`, "La réponse arrive")
}

func TestNothingTypedBecomesMarkup(t *testing.T) {
	b := newRig(t).browser()
	page := b.ask("<script>alert(1)</script> [x](javascript:alert(1)) **gras** <b onmouseover=alert(1)>")
	page.has(t, "&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) **gras** &lt;b onmouseover=alert(1)&gt;")
	page.lacks(t, "<script>alert", "<b onmouseover")
	page = b.ask("piège")
	page.has(t, "&lt;script&gt;alert(1)&lt;/script&gt;", `<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">bien</a>`, "clic")
	page.lacks(t, "<script>alert", `href="javascript`, "<img", "evil.example")
}

func TestOddMessages(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"100 kB":        {"text=" + strings.Repeat("long+", 20_000), http.StatusOK, "Ce message est trop long pour moi."},
		"100 kB of é":   {"text=" + strings.Repeat("%C3%A9", 20_000), http.StatusOK, "Ce message est trop long pour moi."},
		"3 MB":          {"text=" + strings.Repeat("x", 3<<20), http.StatusOK, "Ce message est trop long pour moi."},
		"binary":        {"text=" + url.QueryEscape("pay\x00\xff\xfe\x1b[31m\u202e"), http.StatusOK, "pay[31m"},
		"only binary":   {"text=%00%01%ff", http.StatusUnprocessableEntity, "Écrivez d’abord une question."},
		"empty":         {"text=", http.StatusUnprocessableEntity, "Écrivez d’abord une question."},
		"blank":         {"text=+%0A++", http.StatusUnprocessableEntity, "Écrivez d’abord une question."},
		"nothing":       {"", http.StatusUnprocessableEntity, "Écrivez d’abord une question."},
		"not a form":    {"%%%;;;&&&", http.StatusUnprocessableEntity, "Écrivez d’abord une question."},
		"bad command":   {"command=jury", http.StatusNotFound, "Cette page n’existe pas"},
		"several lines": {"text=" + url.QueryEscape("un\r\ndeux"), http.StatusOK, "un\ndeux"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newRig(t).browser()
			if name == "3 MB" {
				b.http.Transport.(*http.Transport).DisableKeepAlives = true
			}
			page := b.postBody("/message", c.body, nil)
			if page.status != c.status {
				t.Errorf("status %d", page.status)
			}
			page.has(t, c.want)
			if len(page.body) > 20_000 {
				t.Errorf("the page weighs %d bytes", len(page.body))
			}
		})
	}
}

func TestSentTwiceIsAnsweredOnce(t *testing.T) {
	b := newRig(t).browser()
	nonce := b.get("/").nonce()
	first, other := b.browserWithoutCookies(), b.browserWithoutCookies()
	first.post("/message", "n", nonce, "text", "C’est payé combien ?")
	page := other.post("/message", "n", nonce, "text", "C’est payé combien ?")
	if n := strings.Count(page.body, `class="line you"`); n != 1 {
		t.Errorf("%d questions", n)
	}
	if n := strings.Count(page.body, `class="line bot"`); n != 1 {
		t.Errorf("%d answers", n)
	}
	// Another text from the same page, gone back to, is another message.
	page = first.post("/message", "n", nonce, "text", "Peut-on télétravailler ?")
	if n := strings.Count(page.body, `class="line bot"`); n != 2 {
		t.Errorf("%d answers", n)
	}
}

// browserWithoutCookies is the same visitor before any cookie came: two quick taps on one button.
func (b *browser) browserWithoutCookies() *browser {
	r := &rig{t: b.t, server: &httptest.Server{URL: b.base}}
	return r.browser()
}

func TestSuggestions(t *testing.T) {
	b := newRig(t).browser()
	page := b.ask("contrat")
	post, key := page.button("Le contrat")
	page = b.post("/press", "post", post, "key", key)
	page.has(t, "<strong>CDD à temps plein de 6 mois</strong>. (contrat)")
	page.lacks(t, "Les perspectives après six mois")
	if page = b.post("/press", "post", post, "key", key); page.status != http.StatusConflict {
		t.Errorf("a spent button: %d", page.status)
	}
	page.has(t, "Ce bouton n’est plus valable")
}

func TestForgedPresses(t *testing.T) {
	r := newRig(t)
	alice, eve := r.browser(), r.browser()
	post, key := alice.ask("contrat").button("Le contrat")
	evePost, _ := eve.ask("contrat").button("Le contrat")
	nobody := r.browser()
	for name, page := range map[string]seen{
		"no cookie":         nobody.post("/press", "post", post, "key", key),
		"another's":         eve.post("/press", "post", post, "key", key),
		"another's, mine":   eve.post("/press", "post", evePost, "key", key),
		"unknown key":       eve.post("/press", "post", evePost, "key", "x"),
		"nothing":           eve.post("/press"),
		"a key, no post":    alice.post("/press", "key", key),
		"a key, wrong post": alice.post("/press", "key", key, "post", "form"),
	} {
		if page.status != http.StatusConflict {
			t.Errorf("%s: %d", name, page.status)
		}
		page.has(t, "Ce bouton n’est plus valable")
	}
	alice.post("/press", "post", post, "key", key).has(t, "(contrat)")
}

func TestRateLimits(t *testing.T) {
	t.Run("visitor", func(t *testing.T) {
		r := newRig(t, func(o *web.Options) { o.Visitor = web.Limits{Burst: 3, Every: 2 * time.Second} })
		b, other := r.browser(), r.browser()
		for range 3 {
			if page := b.ask("C’est payé combien ?"); page.status != http.StatusOK {
				t.Fatal(page.status)
			}
		}
		page := b.ask("C’est payé combien ?")
		if page.status != http.StatusTooManyRequests || page.header.Get("Retry-After") != "2" {
			t.Errorf("%d, Retry-After %q", page.status, page.header.Get("Retry-After"))
		}
		page.has(t, "Vous pourrez continuer dans 2 s.")
		if page := other.ask("C’est payé combien ?"); page.status != http.StatusOK {
			t.Errorf("somebody else: %d", page.status)
		}
		r.pass(2 * time.Second)
		if page := b.ask("C’est payé combien ?"); page.status != http.StatusOK {
			t.Errorf("later: %d", page.status)
		}
	})
	t.Run("address", func(t *testing.T) {
		r := newRig(t, func(o *web.Options) {
			o.Client = web.Limits{Burst: 2, Every: time.Second}
			o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		from := func(address string) int {
			return r.browser().postBody("/message", "text=pay", map[string]string{"X-Forwarded-For": address}).status
		}
		for i, c := range []struct {
			address string
			want    int
		}{
			{"203.0.113.1", 200}, {"203.0.113.1", 200}, {"203.0.113.1", 429},
			{"198.51.100.7, 203.0.113.1", 429}, // what the client claims does not count
			{"203.0.113.2", 200},
			{"2001:db8:1:2::1", 200}, {"2001:db8:1:2::2", 200}, {"2001:db8:1:2:ffff::3", 429}, // one subscriber
			{"2001:db8:1:3::1", 200},
		} {
			if got := from(c.address); got != c.want {
				t.Errorf("%d, %s: %d, want %d", i, c.address, got, c.want)
			}
		}
	})
	t.Run("reading", func(t *testing.T) {
		b := newRig(t, func(o *web.Options) { o.Reader = web.Limits{Burst: 2, Every: time.Second} }).browser()
		b.get("/")
		b.get("/faq")
		if got := b.get("/").status; got != http.StatusTooManyRequests {
			t.Error(got)
		}
	})
}

func TestSlowAnswer(t *testing.T) {
	r := newRig(t, func(o *web.Options) { o.Patience = 20 * time.Millisecond })
	b := r.browser()
	page := b.ask("lent")
	page.has(t, "La réponse arrive", "Actualiser la page")
	version := page.find(`data-version="([^"]+)"`)
	if got := b.get("/log?v=" + version); got.status != http.StatusNoContent {
		t.Errorf("nothing new: %d", got.status)
	}
	close(r.hold)
	waitFor(t, func() bool { return b.get("/log?v="+version).status == http.StatusOK })
	news := b.get("/log?v=" + version)
	news.has(t, "Voilà enfin.")
	news.lacks(t, "<html", "La réponse arrive")
}

func TestLogsHoldNothingPersonal(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	b.ask("secret-question")
	token := b.get("/link").find(`/c/([\w-]{22})`)
	b.get("/c/" + token)
	b.get("/c/" + token + "x")
	b.post("/form", "key", "x", "f-name", "secret-name")
	for _, secret := range []string{"secret", token, idOf(t, token), "127.0.0.1"} {
		if strings.Contains(r.logs.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, r.logs)
		}
	}
}

func TestFileOfMyData(t *testing.T) {
	r := newRig(t)
	b, eve := r.browser(), r.browser()
	eve.ask("pay")
	page := b.post("/message", "n", b.get("/").nonce(), "command", "mes-donnees")
	page.has(t, "Voir mes données", "dans le fichier joint", "Télécharger mes-donnees.json")
	path := page.find(`href="(/file/[^"]+)"`)
	file := b.get(path)
	if file.status != http.StatusOK || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") ||
		!strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %v", file.status, file.header)
	}
	if got := eve.get(path).status; got != http.StatusGone {
		t.Errorf("somebody else gets %d", got)
	}
	// The export is not itself kept: the next one does not hold it.
	lines, err := r.store.Lines(t.Context(), r.person(b))
	if err != nil || len(lines) != 2 {
		t.Fatal(lines, err)
	}
	for _, l := range lines {
		if len(l.Body) > 400 {
			t.Errorf("a line of %d bytes", len(l.Body))
		}
	}
	r.pass(31 * time.Minute)
	b.get("/").has(t, "n’est plus disponible")
	if got := b.get(path).status; got != http.StatusGone {
		t.Errorf("later: %d", got)
	}
}

func TestManyVisitorsAtOnce(t *testing.T) {
	r := newRig(t)
	done := make(chan error)
	const visitors = 20
	for i := range visitors {
		go func() {
			b := r.browser()
			text := "pay " + strconv.Itoa(i)
			page := b.ask(text)
			if !strings.Contains(page.body, text+"</p>") || !strings.Contains(page.body, "3 000") {
				done <- &url.Error{Op: "ask", URL: text, Err: http.ErrBodyNotAllowed}
				return
			}
			done <- nil
		}()
	}
	for range visitors {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
