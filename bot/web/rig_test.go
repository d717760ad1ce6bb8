package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"candide/bot"
	"candide/bot/web"
	"candide/storage"
	"candide/storage/boltdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a page with a real runtime and a real store, and a few conversations of its own.
type rig struct {
	t       *testing.T
	store   *boltdb.Store
	runtime *bot.Runtime
	page    *web.Platform
	server  *httptest.Server
	logs    *logBuffer
	hold    chan struct{} // "lent" answers once this is closed

	mu   sync.Mutex
	time time.Time
}

// demonstration is when the rig's clock starts.
func demonstration() time.Time { return time.Date(2020, 11, 12, 10, 30, 0, 0, time.UTC) }

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time = r.time.Add(d)
}

func newRig(t *testing.T, change ...func(*web.Options)) *rig {
	t.Helper()
	r := &rig{t: t, time: demonstration(), logs: &logBuffer{}, hold: make(chan struct{})}
	store, err := boltdb.Open(filepath.Join(t.TempDir(), "candide.db"))
	if err != nil {
		t.Fatal(err)
	}
	r.store = store
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	o := web.Options{
		Store: store, FAQ: pages{}, Now: r.now, Log: slog.New(slog.NewTextHandler(r.logs, nil)), Zone: zone,
		Links: []web.Link{{Label: "Mentions légales", URL: "https://example.org/mentions"}},
	}
	for _, f := range change {
		f(&o)
	}
	if r.page, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	r.runtime = bot.NewRuntime(bot.Options{
		Store: store, Routes: r.routes(), Phrases: phrases{}, Now: r.now, Log: o.Log,
	})
	r.runtime.Add(r.page)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- r.page.Run(ctx, r.runtime) }()
	waitFor(t, func() bool { return r.page.Ready() == nil })
	r.server = httptest.NewServer(r.page.Handler())
	t.Cleanup(func() {
		select {
		case <-r.hold:
		default:
			close(r.hold)
		}
		r.runtime.Close()
		r.server.Close()
		cancel()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return r
}

// waitFor waits for a condition, ten seconds at most.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("what was waited for did not happen")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// routes are conversations that look like the real ones.
func (r *rig) routes() *bot.Routes {
	routes := bot.NewRoutes()
	routes.Text(func(ctx context.Context, q bot.Request) (bot.Response, error) {
		switch text := strings.ToLower(q.Text); {
		case strings.Contains(text, "lent"):
			select {
			case <-r.hold:
				return bot.Say("Voilà enfin."), nil
			case <-ctx.Done():
				return bot.Response{}, ctx.Err()
			}
		case strings.Contains(text, "piège"):
			return bot.Say("Voilà <script>alert(1)</script> [clic](javascript:alert(1)) ![x](https://evil.example/x.png) " +
				"<img src=x onerror=alert(1)> [bien](https://example.org/?a=1&b=2)"), nil
		case strings.Contains(text, "payé"), strings.Contains(text, "pay"):
			return bot.Say(salary, bot.Button{Label: "Laisser mes coordonnées", Do: "interest", Anyone: true}), nil
		case strings.Contains(text, "contrat"):
			return bot.Say("Je ne suis pas sûr d’avoir compris. Votre question est-elle l’une de celles-ci ?",
				bot.Button{Label: "Le contrat", Do: "entry", Once: true, Data: map[string]string{"entry": "contrat"}},
				bot.Button{Label: "Les perspectives après six mois", Do: "entry", Once: true, Data: map[string]string{"entry": "perspectives"}},
				bot.Button{Label: "Aucune de celles-ci", Do: "entry", Once: true, Data: map[string]string{"entry": "none"}},
			), nil
		}
		return bot.Say("Je n’ai pas la réponse à cette question, et je préfère ne rien inventer. Écrivez à **recrutement@example.org** : une vraie personne vous répondra."), nil
	})
	routes.Action("entry", false, func(_ context.Context, q bot.Request) (bot.Response, error) {
		return bot.Response{Replies: []bot.Reply{{Text: "C’est un **CDD à temps plein de 6 mois**. (" + q.Data["entry"] + ")", Replace: true}}}, nil
	})
	routes.Action("interest", false, openInterest)
	routes.Form("interest", interestStep)
	routes.Action("erase", false, func(ctx context.Context, q bot.Request) (bot.Response, error) {
		if _, err := r.store.ErasePerson(ctx, q.From.Ref(), time.Now()); err != nil {
			return bot.Response{}, err
		}
		return bot.Response{Replies: []bot.Reply{{Text: "C’est fait, tout est effacé.", Replace: true}}}, nil
	})
	for name, run := range map[string]bot.Func{
		"interet": openInterest,
		"mes-donnees": func(ctx context.Context, q bot.Request) (bot.Response, error) {
			lines, err := r.store.Lines(ctx, q.From.Ref())
			if err != nil {
				return bot.Response{}, err
			}
			data, err := json.Marshal(lines)
			return bot.Response{Replies: []bot.Reply{{
				Text: "Voici tout ce que je garde sur vous, dans le fichier joint.", Direct: true,
				Files: []bot.File{{Name: "mes-donnees.json", Type: "application/json", Data: data}},
			}}}, err
		},
		"effacer-mes-donnees": func(context.Context, bot.Request) (bot.Response, error) {
			return bot.Say("Tout sera effacé, sans retour. On continue ?",
				bot.Button{Label: "Oui, tout effacer", Do: "erase", Style: bot.Danger, Once: true}), nil
		},
	} {
		if err := routes.Command(bot.Command{Names: []string{name}, Run: run}); err != nil {
			r.t.Fatal(err)
		}
	}
	return routes
}

const salary = "**2 500 € nets par mois** jusqu’à 5 ans d’expérience, **3 000 € nets par mois** au-delà de 5 ans d’expérience.\n\n*Le salaire* · source : annonce, « Rémunération »"

func openInterest(context.Context, bot.Request) (bot.Response, error) {
	return bot.Response{Form: &bot.Form{Name: "interest", Step: bot.Step{
		Name: "consent", Title: "Laisser ses coordonnées",
		Intro: "**Avant de commencer.** Responsable : Direction d’exemple. Droits : `mes-donnees`. En cas de désaccord : [la CNIL](https://www.cnil.fr/fr/plaintes).",
		Choices: []bot.Choice{
			{Value: "yes", Label: "J’accepte et j’ai 15 ans ou plus", Style: bot.Primary},
			{Value: "no", Label: "Non merci"},
		},
	}}}, nil
}

func interestStep(_ context.Context, _ bot.Request, step string, answers map[string]string) (bot.Turn, error) {
	switch step {
	case "consent":
		if answers["consent"] != "yes" {
			return bot.Turn{Response: bot.Whisper("C’est noté, rien n’est enregistré.")}, nil
		}
		return bot.Turn{Next: &bot.Step{Name: "who", Title: "Laisser ses coordonnées", Submit: "Continuer", Fields: []bot.Field{
			{Name: "name", Purpose: "name", Label: "Votre nom", Help: "Comme vous souhaitez qu’on vous appelle.", Max: 100},
			{Name: "reach", Label: "Comment vous joindre", Help: "Une adresse e-mail ou un numéro de téléphone."},
			{Name: "level", Label: "Votre expérience", Kind: bot.Select, Options: []bot.Choice{
				{Value: "junior", Label: "Jusqu’à 5 ans"}, {Value: "experienced", Label: "Plus de 5 ans"}, {Value: "unsaid", Label: "Ne pas le dire"},
			}},
		}}}, nil
	case "who":
		if !strings.Contains(answers["reach"], "@") {
			return bot.Turn{Invalid: map[string]string{"reach": "Il faut une adresse e-mail ou un numéro de téléphone."}}, nil
		}
		return bot.Turn{Next: &bot.Step{Name: "what", Title: "Laisser ses coordonnées", Submit: "Continuer", Fields: []bot.Field{
			{Name: "message", Label: "Message", Help: "Rien sur la santé ni la famille.", Kind: bot.Area, Optional: true},
		}}}, nil
	case "what":
		return bot.Turn{Response: bot.Whisper("Merci " + answers["name"] + ", c’est enregistré (n° 1).")}, nil
	}
	return bot.Turn{}, errors.New("no such step")
}

type phrases struct{}

func (phrases) Say(_, key string, _ ...string) string {
	return map[string]string{
		"form-required": "Cette réponse est nécessaire.", "form-not-a-choice": "Ce n’est pas un des choix proposés.",
		"too-long": "Ce message est trop long pour moi.", "form-cancelled": "C’est annulé, rien n’a été enregistré.",
	}[key]
}

type pages struct{}

func (pages) FAQ(lang string, _ time.Time) web.Page {
	if lang == "en" {
		return web.Page{
			Title: "Deployment officers", Status: "Applications close on Monday 23 November 2020 at 23:59.", Open: true,
			Contact: "recrutement@example.org", Starters: []string{"How much is the pay?"},
			Sections: []web.Section{{ID: "salaire", Question: "How much is the pay?", Answer: "**€2,500 net a month**", Source: "posting"}},
		}
	}
	return web.Page{
		Title:  "Chargé·e·s de déploiement, juniors et expérimenté·e·s",
		Status: "Candidatures jusqu’au lundi 23 novembre 2020 à 23 h 59.", Open: true,
		Contact: "recrutement@example.org", Apply: "https://example.org/candidater",
		Starters: []string{"C’est payé combien ?", "Peut-on télétravailler ?", "Jusqu’à quand candidater ?", "Quel est le contrat ?"},
		Notice:   "Responsable : Direction d’exemple.",
		Sections: []web.Section{
			{ID: "contrat", Question: "Quel est le contrat proposé ?", Answer: "C’est un **CDD à temps plein de 6 mois**, en contrat de vacataire.", Source: "annonce, « Contrat »"},
			{ID: "salaire", Question: "Quel est le salaire ?", Answer: salary, Source: "annonce, « Rémunération »"},
			{ID: "teletravail", Question: "Peut-on télétravailler ?", Answer: "Oui :\n\n- à Paris ;\n- ailleurs en France, avec [des déplacements](https://example.org).", Source: "annonce"},
		},
	}
}

type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// browser is a visitor without scripts.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func (r *rig) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	r.t.Cleanup(client.CloseIdleConnections)
	return &browser{t: r.t, base: r.server.URL, http: client}
}

// seen is a page as it came.
type seen struct {
	status int
	path   string
	body   string
	header http.Header
}

func (b *browser) do(req *http.Request) seen {
	b.t.Helper()
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return seen{res.StatusCode, res.Request.URL.RequestURI(), string(body), res.Header}
}

func (b *browser) get(path string) seen {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req)
}

func (b *browser) post(path string, pairs ...string) seen {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.postBody(path, form.Encode(), nil)
}

func (b *browser) postBody(path, body string, header map[string]string) seen {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	return b.do(req)
}

// ask sends a message from the page as it stands.
func (b *browser) ask(text string) seen {
	b.t.Helper()
	return b.post("/message", "n", b.get("/").nonce(), "text", text)
}

func (s seen) find(pattern string) string {
	if m := regexp.MustCompile(pattern).FindStringSubmatch(s.body); m != nil {
		return m[1]
	}
	return ""
}

func (s seen) nonce() string { return s.find(`name="n" value="([^"]+)"`) }

// button is the post and key of the button with this label.
func (s seen) button(label string) (post, key string) {
	i := strings.Index(s.body, ">"+label+"</button>")
	if i < 0 {
		return "", ""
	}
	before := seen{body: s.body[strings.LastIndex(s.body[:i], "<form"):i]}
	all := regexp.MustCompile(`name="key" value="([^"]+)"`).FindAllStringSubmatch(before.body, -1)
	return before.find(`name="post" value="([^"]+)"`), all[len(all)-1][1]
}

func (s seen) has(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(s.body, part) {
			t.Errorf("the page (%d %s) lacks %q:\n%s", s.status, s.path, part, main(s.body))
		}
	}
}

func (s seen) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(s.body, part) {
			t.Errorf("the page (%d %s) holds %q:\n%s", s.status, s.path, part, main(s.body))
		}
	}
}

func main(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		return body[i:]
	}
	return body
}

// person is the visitor as the store knows them.
func (r *rig) person(b *browser) storage.PersonRef {
	r.t.Helper()
	token := b.get("/link").find(`/c/([\w-]{22})`)
	return storage.PersonRef("web:" + idOf(r.t, token))
}
