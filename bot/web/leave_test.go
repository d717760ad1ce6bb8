package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"candide/bot"
	"candide/bot/web"
)

func TestFormWithoutScripts(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	page := b.post("/message", "n", b.get("/").nonce(), "command", "interet")
	if page.path != "/form" {
		t.Fatalf("the form opens at %s", page.path)
	}
	page.has(t, "<strong>Avant de commencer.</strong>", `name="f-consent" value="yes"`, "Annuler")
	page.lacks(t, " checked")
	key := func(s seen) string { return s.find(`name="key" value="([^"]+)"`) }
	b.get("/").has(t, "Un formulaire est commencé.", `href="/form"`)

	page = b.post("/form", "key", key(page), "f-consent", "yes")
	page.has(t, `maxlength="100"`, `aria-describedby="f-name-help"`, `autocomplete="name"`, "required", `type="radio"`)
	page.lacks(t, " checked")

	page = b.post("/form", "key", key(page), "f-name", `"Zoé" <b>`, "f-reach", "", "f-level", "9")
	if page.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", page.status)
	}
	page.has(t, "<title>Erreur\u00a0: ", `role="alert" tabindex="-1" autofocus`, `href="#f-reach"`, `href="#f-level"`,
		`aria-describedby="f-reach-help f-reach-wrong"`, `aria-invalid="true"`, "Cette réponse est nécessaire.",
		`value="&#34;Zoé&#34; &lt;b&gt;"`)

	page = b.post("/form", "key", key(page), "f-name", "Zoé", "f-reach", "nulle part", "f-level", "junior")
	page.has(t, "Il faut une adresse e-mail", `value="nulle part"`, `value="junior" checked`)

	old := key(page)
	page = b.post("/form", "key", old, "f-name", "Zoé", "f-reach", "zoe@example.org", "f-level", "junior")
	page.has(t, `<textarea id="f-message"`, "facultatif")
	if again := b.post("/form", "key", old, "f-name", "Zoé"); again.path != "/form" || key(again) != key(page) {
		t.Errorf("an older step leads to %s", again.path)
	}

	page = b.post("/form", "key", key(page), "f-message", "")
	if !strings.HasPrefix(page.path, "/") || strings.HasPrefix(page.path, "/form") {
		t.Errorf("the end leads to %s", page.path)
	}
	page.has(t, "Merci Zoé, c’est enregistré (n° 1).")
	page.lacks(t, "Un formulaire est commencé.")
	if page = b.post("/form", "key", key(page), "f-message", ""); page.status != http.StatusConflict {
		t.Errorf("sent again: %d", page.status)
	}
	page.has(t, "Ce formulaire n’est plus ouvert")
	if page = b.get("/form"); page.path != "/" {
		t.Errorf("no form: %s", page.path)
	}
}

func TestFormCancelled(t *testing.T) {
	b := newRig(t).browser()
	page := b.post("/message", "n", b.get("/").nonce(), "command", "interet")
	page = b.post("/form", "key", page.find(`name="key" value="([^"]+)"`), "cancel", "1")
	page.has(t, "C’est annulé, rien n’a été enregistré.")
	page.lacks(t, "Un formulaire est commencé.")
}

func TestFormFromAButton(t *testing.T) {
	b := newRig(t).browser()
	post, key := b.ask("C’est payé combien ?").button("Laisser mes coordonnées")
	if page := b.post("/press", "post", post, "key", key); page.path != "/form" {
		t.Errorf("the form opens at %s", page.path)
	}
}

func TestFormThatIsOver(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	key := b.post("/message", "n", b.get("/").nonce(), "command", "interet").find(`name="key" value="([^"]+)"`)
	r.pass(61 * time.Minute)
	b.get("/").lacks(t, "Un formulaire est commencé.")
	page := b.post("/form", "key", key, "f-consent", "yes")
	if page.status != http.StatusConflict {
		t.Error(page.status)
	}
	page.has(t, "Ce formulaire n’est plus ouvert")
}

func TestSomebodyElsesForm(t *testing.T) {
	r := newRig(t)
	alice, eve := r.browser(), r.browser()
	key := alice.post("/message", "command", "interet").find(`name="key" value="([^"]+)"`)
	eve.ask("pay")
	if page := eve.post("/form", "key", key, "f-consent", "yes"); page.status != http.StatusConflict {
		t.Error(page.status)
	}
	if err := r.page.OpenForm(t.Context(), "forged", bot.FormView{Key: "x"}); err == nil {
		t.Error("a forged ticket opens a form")
	}
}

func TestPrivateLink(t *testing.T) {
	r := newRig(t, func(o *web.Options) { o.PublicURL = "https://recrutement.example.org/" })
	b := r.browser()
	b.get("/link").has(t, "Vous n’avez pas encore de conversation ici.")
	b.ask("C’est payé combien ?")
	page := b.get("/link")
	page.has(t, `value="https://recrutement.example.org/c/`, "Quiconque a ce lien")
	b.get("/").lacks(t, "/c/")
	token := page.find(`/c/([\w-]{22})`)

	phone := r.browser()
	page = phone.get("/c/" + token)
	page.has(t, "Ouvrir ma conversation")
	page.lacks(t, "3 000", "Une autre conversation est ouverte")
	if page.header.Get("Set-Cookie") != "" {
		t.Error("following a link is enough to open the conversation")
	}
	phone.get("/").lacks(t, "3 000")
	phone.post("/open", "token", token).has(t, "C’est payé combien ?", "3 000")
	if page = phone.get("/c/" + token); page.path != "/" {
		t.Errorf("an open conversation's own link leads to %s", page.path)
	}

	other := r.browser()
	other.ask("contrat")
	other.get("/c/"+token).has(t, "Une autre conversation est ouverte")
	for _, bad := range []string{"x", token + "A", token[:21], token[:21] + "/", strings.Repeat("A", 300)} {
		if page := other.get("/c/" + bad); page.status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, page.status)
		}
		if page := other.post("/open", "token", bad); page.status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, page.status)
		}
	}
}

func TestForget(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	b.get("/forget").has(t, "Il n’y a pas de conversation sur cet appareil.")
	b.ask("C’est payé combien ?")
	b.post("/message", "command", "interet")
	who := r.person(b)
	b.get("/forget").has(t, "Effacer la conversation", "Si vous avez laissé vos coordonnées", "effacer-mes-donnees", `href="/link"`)
	b.get("/").has(t, "3 000") // asking is not erasing

	page := b.post("/forget")
	page.has(t, "La conversation est effacée")
	if c := page.header.Get("Set-Cookie"); !strings.Contains(c, "candide=;") || !strings.Contains(c, "Max-Age=0") {
		t.Errorf("the cookie stays: %q", c)
	}
	if lines, err := r.store.Lines(t.Context(), who); err != nil || len(lines) != 0 {
		t.Errorf("kept: %v %v", lines, err)
	}
	if _, err := r.store.TypedForm(t.Context(), who, r.now()); err == nil {
		t.Error("a form stays open")
	}
	home := b.get("/")
	home.has(t, `id="welcome"`)
	home.lacks(t, "3 000")
}

func TestForgetWhileAnAnswerIsOnItsWay(t *testing.T) {
	r := newRig(t, func(o *web.Options) { o.Patience = 20 * time.Millisecond })
	b := r.browser()
	b.ask("lent")
	who := r.person(b)
	b.post("/forget")
	close(r.hold)
	r.runtime.Close()
	if lines, err := r.store.Lines(t.Context(), who); err != nil || len(lines) != 0 {
		t.Errorf("kept: %v %v", lines, err)
	}
}

func TestEraseMyData(t *testing.T) {
	r := newRig(t)
	b := r.browser()
	b.ask("C’est payé combien ?")
	page := b.post("/message", "n", b.get("/").nonce(), "command", "effacer-mes-donnees")
	post, key := page.button("Oui, tout effacer")
	page = b.post("/press", "post", post, "key", key)
	page.has(t, "C’est fait, tout est effacé.")
	page.lacks(t, "3 000", "Oui, tout effacer")
}

func TestKeptNoLongerThanSaid(t *testing.T) {
	r := newRig(t, func(o *web.Options) { o.Keep = 24 * time.Hour })
	b := r.browser()
	b.ask("C’est payé combien ?")
	r.pass(25 * time.Hour)
	if _, err := r.store.Purge(t.Context(), r.now()); err != nil {
		t.Fatal(err)
	}
	b.get("/").lacks(t, "3 000")
}
