package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"candide/bot"
	"candide/bot/web"
)

func TestBrowserAsks(t *testing.T) {
	browser := chromium(t)
	for name, s := range map[string]size{"phone": phone(), "desktop": desktop()} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			b := r.tab(t, browser, s)
			b.open("/")
			b.fits("home")
			b.targets("home")
			b.shot("home-" + name)
			eval[bool](b, `window.same = true`)
			b.ask("C’est payé combien ?")
			b.see("3 000 € nets par mois")
			if !eval[bool](b, `!!window.same`) {
				t.Error("the page was loaded again")
			}
			if name == "desktop" {
				b.until(`document.activeElement.id === 'text'`, "the field keeps the focus")
			}
			b.until(`document.getElementById('text').value === ''`, "the field is empty")
			b.ask("Quel contrat ?")
			b.see("Les perspectives après six mois")
			b.fits("suggestions")
			b.targets("suggestions")
			b.shot("suggestions-" + name)
			b.press("Le contrat")
			b.see("CDD à temps plein de 6 mois")
			b.until(`document.activeElement.id.startsWith('p-')`, "the answer has the focus")
			b.shot("answer-" + name)
			b.open("/faq")
			b.fits("FAQ")
			b.shot("faq-" + name)
		})
	}
}

func TestBrowserShowsWhatComesLater(t *testing.T) {
	r := newRig(t)
	b := r.tab(t, chromium(t), phone())
	b.open("/")
	b.ask("Mon chat peut-il venir ?")
	b.see("je préfère ne rien inventer")
	token := eval[string](b, `fetch('/link').then(r => r.text()).then(t => t.match(/\/c\/([\w-]{22})/)[1])`)
	who := bot.Person{Platform: web.ID, User: bot.UserID(idOf(t, token))}
	if _, err := r.page.Post(t.Context(), bot.Target{To: who, Direct: true}, bot.Post{Text: "Le chat est bienvenu."}); err != nil {
		t.Fatal(err)
	}
	b.see("Le chat est bienvenu.")
	if address := get(b, chromedp.Location()); strings.Contains(address, token) {
		t.Errorf("the address holds the secret: %s", address)
	}
}

func TestBrowserWhenTheServerIsAway(t *testing.T) {
	r := newRig(t, func(o *web.Options) { o.Visitor = web.Limits{Burst: 1, Every: time.Hour} })
	b := r.tab(t, chromium(t), phone())
	b.open("/")
	b.ask("C’est payé combien ?")
	b.see("3 000 € nets par mois")
	b.ask("Encore")
	b.see("Il y a eu beaucoup de messages")
	r.server.CloseClientConnections()
	r.server.Listener.Close()
	b.ask(" et encore")
	b.see("Le message n’est pas parti")
	if left := get(b, chromedp.Value(chromedp.ID("text"))); left != "Encore et encore" {
		t.Errorf("what was typed is lost: %q", left)
	}
}

func TestBrowserFormByKeyboard(t *testing.T) {
	r := newRig(t)
	b := r.tab(t, chromium(t), desktop())
	b.open("/")
	b.keys(kb.Tab)
	if at := b.focused(); at != "Aller au contenu" {
		t.Errorf("the first stop is %q", at)
	}
	b.tabTo("Menu")
	b.keys(kb.Enter)
	b.tabTo("Voir mes données")
	b.shot("menu")
	b.keys(kb.Escape)
	if at := b.focused(); at != "Menu" {
		t.Errorf("Escape leaves the focus on %q", at)
	}
	b.keys(kb.Enter)
	b.tabTo("Je suis intéressé·e")
	b.keys(kb.Enter)
	b.see("Avant de commencer.")
	b.tabTo("f-consent")
	b.keys(kb.Enter)
	b.see("Comment vous joindre")
	b.tabTo("Continuer")
	b.keys(kb.Enter)
	b.see("Il y a des erreurs dans le formulaire")
	b.until(`document.activeElement.className === 'errors'`, "the errors have the focus")
	b.tabTo("Votre nom")
	b.keys(kb.Enter) // the summary leads to the field
	b.until(`document.activeElement.id === 'f-name'`, "the field has the focus")
	b.keys("Zoé", kb.Tab, "zoe@example.org", kb.Tab, " ")
	if !eval[bool](b, `document.getElementById('f-level').checked`) {
		t.Error("the space bar does not choose the experience")
	}
	b.tabTo("Continuer")
	b.keys(kb.Enter)
	b.see("Rien sur la santé ni la famille.")
	b.tabTo("f-message")
	b.keys("Bonjour")
	b.tabTo("Continuer")
	b.keys(kb.Enter)
	b.see("Merci Zoé")
}

func TestBrowserWithoutScripts(t *testing.T) {
	r := newRig(t)
	b := r.tab(t, chromium(t), phone(), unscripted())
	b.open("/")
	b.shot("home-unscripted")
	b.press("C’est payé combien\u202f?")
	b.see("3 000 € nets par mois")
	b.run(chromedp.SendKeys(chromedp.ID("text"), "Quel contrat ?"))
	b.press("Envoyer")
	b.see("Les perspectives après six mois")
	b.press("Le contrat")
	b.see("CDD à temps plein de 6 mois")
	b.press("Laisser mes coordonnées")
	b.see("Avant de commencer.")
	b.press("J’accepte et j’ai 15 ans ou plus")
	b.run(chromedp.SendKeys(chromedp.ID("f-name"), "Zoé"), chromedp.SendKeys(chromedp.ID("f-reach"), "zoe"))
	b.press("Continuer")
	b.see("Cette réponse est nécessaire.")
	b.run(chromedp.SendKeys(chromedp.ID("f-reach"), "@example.org"), chromedp.Click(chromedp.ID("f-level")))
	b.press("Continuer")
	b.see("Rien sur la santé ni la famille.")
	b.press("Continuer")
	b.see("Merci Zoé")
	b.open("/forget")
	b.press("Effacer la conversation")
	b.see("La conversation est effacée")
}

func TestBrowserAccessibility(t *testing.T) {
	source := axeSource(t)
	browser := chromium(t)
	for name, c := range map[string]struct {
		size  size
		first []step
	}{
		"phone":        {phone(), nil},
		"phone, dark":  {phone(), []step{dark()}},
		"desktop":      {desktop(), nil},
		"narrow, zoom": {size{320, 256}, nil}, // 1280 × 1024 at 400 %
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			b := r.tab(t, browser, c.size, c.first...)
			check := func(page string) {
				t.Helper()
				b.fits(page)
				b.axe(page, source)
				b.shot(strings.ReplaceAll(page+"-"+name, ", ", "-"))
			}
			b.open("/link")
			check("no-link")
			b.open("/")
			check("empty")
			b.run(chromedp.Click(chromedp.CSS("summary")))
			check("menu")
			b.open("/?lang=en")
			check("english")
			b.open("/")
			b.ask("C’est payé combien ?")
			b.see("3 000 € nets par mois")
			b.ask("Quel contrat ?")
			b.see("Les perspectives après six mois")
			check("conversation")
			b.press("Laisser mes coordonnées")
			b.see("Avant de commencer.")
			check("consent")
			b.press("J’accepte et j’ai 15 ans ou plus")
			b.see("Comment vous joindre")
			check("form")
			b.targets("form")
			b.press("Continuer")
			b.see("Il y a des erreurs dans le formulaire")
			check("errors")
			b.open("/")
			b.see("Un formulaire est commencé.")
			check("pending")
			for page, path := range map[string]string{
				"faq": "/faq", "faq-en": "/faq?lang=en", "privacy": "/privacy", "link": "/link", "forget": "/forget",
				"missing": "/nowhere", "come": "/c/AAAAAAAAAAAAAAAAAAAAAA",
			} {
				b.open(path)
				check(page)
			}
			b.open("/forget")
			b.press("Effacer la conversation")
			b.see("La conversation est effacée")
			check("forgotten")
		})
	}
}
