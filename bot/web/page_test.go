package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/web"
)

func idOf(t *testing.T, token string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 16 {
		t.Fatalf("%q is no token: %v", token, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

func TestHeaders(t *testing.T) {
	b := newRig(t, func(o *web.Options) { o.Secure = true }).browser()
	for _, path := range []string{"/", "/faq", "/link", "/nowhere", "/log"} {
		h := b.get(path).header
		for name, want := range map[string]string{
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "no-referrer",
			"Cache-Control":              "no-store",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "max-age=31536000",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") || h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: policies: %s; %s", path, policy, h.Get("Permissions-Policy"))
		}
	}
}

func TestNothingInlineNorFromElsewhere(t *testing.T) {
	b := newRig(t).browser()
	b.ask("C’est payé combien ?")
	for _, path := range []string{"/", "/faq", "/link", "/forget", "/privacy", "/nowhere"} {
		body := b.get(path).body
		for _, bad := range []string{" style=", "<style", "onclick", "onload", "<script>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q, which the policy refuses", path, bad)
			}
		}
		for _, m := range regexp.MustCompile(`(?:src|<link[^>]* href)="([^"]+)"`).FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(m[1], "/static/") {
				t.Errorf("%s loads %s", path, m[1])
			}
		}
	}
}

func TestWeight(t *testing.T) {
	b := newRig(t).browser()
	home := b.get("/")
	weight := len(home.body)
	assets := regexp.MustCompile(`"(/static/[^"]+)"`).FindAllStringSubmatch(home.body, -1)
	if len(assets) != 3 {
		t.Errorf("the page loads %v", assets)
	}
	for _, m := range assets {
		a := b.get(m[1])
		if a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %s", m[1], a.status, a.header.Get("Cache-Control"))
		}
		if strings.HasSuffix(m[1], ".js") && len(a.body) >= 5000 {
			t.Errorf("the script weighs %d bytes", len(a.body))
		}
		weight += len(a.body)
	}
	t.Logf("the first view weighs %d bytes, uncompressed", weight)
	if weight >= 100_000 {
		t.Errorf("the first view weighs %d bytes", weight)
	}
	if got := b.get("/static/nothing.js").status; got != http.StatusNotFound {
		t.Errorf("an unknown asset answers %d", got)
	}
}

func TestCookieComesWithTheFirstMessageAlone(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	for _, path := range []string{"/", "/faq", "/privacy", "/link", "/?lang=en"} {
		if c := b.get(path).header.Get("Set-Cookie"); c != "" {
			t.Errorf("%s sets %s", path, c)
		}
	}
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res := b.ask("C’est payé combien ?")
	cookie := res.header.Get("Set-Cookie")
	if res.status != http.StatusSeeOther || !strings.HasPrefix(res.header.Get("Location"), "/#p-") {
		t.Errorf("%d %s", res.status, res.header.Get("Location"))
	}
	for _, part := range []string{"candide=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
}

func TestSecureCookie(t *testing.T) {
	b := newRig(t, func(o *web.Options) { o.Secure = true }).browser()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cookie := b.ask("C’est payé combien ?").header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-candide=") || !strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
}

func TestCrossSiteIsRefused(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	for name, header := range map[string]map[string]string{
		"fetch metadata": {"Sec-Fetch-Site": "cross-site"},
		"sister site":    {"Sec-Fetch-Site": "same-site"},
		"origin":         {"Origin": "https://evil.example"},
		"null origin":    {"Origin": "null"},
	} {
		for _, path := range []string{"/message", "/press", "/form", "/open", "/forget"} {
			res := b.postBody(path, "text=bonjour", header)
			if res.status != http.StatusForbidden {
				t.Errorf("%s, %s: %d", name, path, res.status)
			}
			res.has(t, "Demande refusée", `href="/"`)
		}
	}
	if got := b.postBody("/message", "text=bonjour", map[string]string{"Sec-Fetch-Site": "same-origin"}).status; got != http.StatusOK {
		t.Errorf("the page's own form: %d", got)
	}
}

func TestEnglish(t *testing.T) {
	b := newRig(t).browser()
	home := b.get("/?lang=en")
	home.has(t, `<html lang="en">`, "I am Candide, a program, not a person", "Deployment officers", `action="/message?lang=en"`, `href="/faq?lang=en"`, `lang="fr"`)
	res := b.post("/message?lang=en", "n", home.nonce(), "text", "How much is the pay?")
	res.has(t, `<html lang="en">`, "Thursday 12 November 2020")
	b.get("/").has(t, `<html lang="fr">`, `href="/?lang=en"`, "jeudi 12 novembre 2020")
	b.get("/?lang=xx").has(t, `<html lang="fr">`)
	b.get("/faq?lang=en").has(t, "€2,500 net a month")
}

func TestAddress(t *testing.T) {
	newRig(t).browser().get("/").has(t, "Ce que vous écrivez est gardé 30 jours")
	b := newRig(t, func(o *web.Options) { o.Address, o.Keep, o.Demonstration = "tu", 24*time.Hour, true }).browser()
	b.get("/").has(t, "Ce que tu écris est gardé 24 heures", "Démonstration")
}

func TestFAQ(t *testing.T) {
	b := newRig(t).browser()
	page := b.get("/faq")
	page.has(t, `<h2 id="salaire"`, `href="#salaire"`, "<strong>2 500 € nets par mois</strong>",
		"annonce, «\u00a0Contrat\u00a0»", `href="https://example.org/candidater"`, `mailto:recrutement@example.org`)
	if page.status != http.StatusOK {
		t.Error(page.status)
	}
}

func TestBeforeRun(t *testing.T) {
	page, err := web.New(web.Options{Store: newRig(t).store, FAQ: pages{}})
	if err != nil {
		t.Fatal(err)
	}
	if page.Ready() == nil {
		t.Error("it says that it is ready")
	}
	for _, path := range []string{"/", "/faq"} {
		w := httptest.NewRecorder()
		page.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	store := newRig(t).store
	for name, o := range map[string]web.Options{
		"no store": {FAQ: pages{}},
		"no FAQ":   {Store: store},
		"language": {Store: store, FAQ: pages{}, Language: "de"},
		"address":  {Store: store, FAQ: pages{}, Address: "toi"},
		"URL":      {Store: store, FAQ: pages{}, PublicURL: "http://[::1"},
	} {
		if _, err := web.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPostFromElsewhere(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	b.ask("Je peux venir avec mon chat ?")
	who := bot.PersonFromRef(r.person(b))
	id, err := r.page.Post(t.Context(), bot.Target{To: who, Direct: true}, bot.Post{Text: "Oui, le chat est bienvenu.", Key: "answer/1"})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/").has(t, "Oui, le chat est bienvenu.")
	place := bot.Place{Platform: web.ID, Channel: bot.ChannelID(who.User)}
	if found, ok, err := r.page.FindPost(t.Context(), bot.Target{Place: place}, "answer/1", demonstration()); err != nil || !ok || found != id {
		t.Errorf("FindPost: %v %v %v", found, ok, err)
	}
	if err := r.page.Update(t.Context(), place, id, &bot.Post{Text: "Non, finalement."}); err != nil {
		t.Fatal(err)
	}
	page := b.get("/")
	page.has(t, "Non, finalement.")
	page.lacks(t, "bienvenu")
	for range 2 {
		if err := r.page.Update(t.Context(), place, id, nil); err != nil {
			t.Fatal(err)
		}
	}
	b.get("/").lacks(t, "finalement")
	for _, to := range []bot.Target{{}, {Place: bot.Place{Platform: web.ID, Channel: "general"}}, {To: bot.Person{User: "../x"}, Direct: true}} {
		if _, err := r.page.Post(t.Context(), to, bot.Post{Text: "x"}); err == nil {
			t.Errorf("a post to %v is accepted", to)
		}
	}
}
