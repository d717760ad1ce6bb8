package faq

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"candide/faq/topics"
)

// facts are what the posting says, each with the entry where a candidate looks for it and how it is said there, in
// French and, where it is not the same, in English. They were taken from the posting sentence by sentence.
var facts = []struct{ entry, fr, en string }{
	{"contrat", "CDD", "fixed-term"},
	{"contrat", "temps plein", "full-time"},
	{"contrat", "6 mois", "six-month"},
	{"contrat", "vacataire", ""},
	{"contrat", "contractuel·le ou indépendant·e", "on a contract or self-employed"},
	{"salaire", "2 500 € nets par mois", "€2,500 net a month"},
	{"salaire", "jusqu’à 5 ans d’expérience", "up to 5 years of experience"},
	{"salaire", "3 000 € nets par mois", "€3,000 net a month"},
	{"salaire", "au-delà de 5 ans", "beyond 5 years"},
	{"teletravail", "privilégier le travail à distance", "favour remote work"},
	{"teletravail", "sous réserve d’une organisation efficace", "as long as the team works well that way"},
	{"teletravail", "précise tes souhaits et tes possibilités", "tell us what you would like"},
	{"teletravail", "un jour par semaine", "one day a week"},
	{"teletravail", "un jour tous les 15 jours", "one day every two weeks"},
	{"teletravail", "conditions sanitaires", "health situation"},
	{"date-debut", "lundi 4 janvier 2021", "Monday 4 January 2021"},
	{"date-limite", "lundi 23 novembre 2020 à", "Monday 23 November 2020 at"},
	{"candidater", "https://www.demarches-simplifiees.fr/commencer/rejoigneznous", ""},
	{"candidater", "lundi 23 novembre 2020", "Monday 23 November 2020"},
	{"candidater", "détaille les postes à pourvoir", "describes the positions"},
	{"candidater", "une ou plusieurs équipes", "one team or several"},
	{"dossier", "ce qui te donne envie de nous rejoindre", "what makes you want to join"},
	{"dossier", "pas besoin de lettre de motivation formelle", "no formal cover letter needed"},
	{"dossier", "jargon", ""},
	{"dossier", "CV", ""},
	{"dossier", "LinkedIn", ""},
	{"dossier", "vidéo", "video"},
	{"dossier", "Twitter", ""},
	{"dossier", "article de blog", "blog post"},
	{"procedure", "jury", ""},
	{"procedure", "équipes intéressées par les profils", "teams interested in the profiles"},
	{"procedure", "visio", "By video"},
	{"procedure", "présentiel", "in person"},
	{"procedure", "gestes de protection", "protective measures"},
	{"procedure", "Direction des services administratifs et financiers (DSAF) des services du Premier ministre", "administrative and financial services department (DSAF) of the Prime Minister's services"},
	{"procedure", "dossier administratif", "administrative file"},
	{"delai", "4 semaines", "4 weeks"},
	{"delai", "recrutement@beta.gouv.fr", ""},
	{"formation", "méthodes des Startups d’État", "methods of State start-ups"},
	{"formation", "https://beta.gouv.fr/approche/formation/mooc", ""},
	{"formation", "outils", "tools"},
	{"formation", "acronymes", "acronyms"},
	{"missions", "revendeurs, distributeurs, partenaires technologiques, financiers", "resellers, distributors, technology partners, funders"},
	{"missions", "négocier", "negotiate"},
	{"missions", "animer et stimuler", "keep these partnerships alive"},
	{"missions", "métriques d’impact", "impact metrics"},
	{"missions", "heures économisées", "hours saved"},
	{"missions", "veilles stratégiques", "strategic watch"},
	{"missions", "inscriptions, réclamations, audits, incidents", "registrations, complaints, audits, incidents"},
	{"missions", "OpenLabs, séminaires, ateliers", "OpenLabs, seminars, workshops"},
	{"missions", "téléphone", "telephone"},
	{"missions", "PowerPoint", "slides"},
	{"missions", "reporting", "reports"},
	{"communaute", "formations", "training"},
	{"communaute", "décisions collectives", "collective decisions"},
	{"communaute", "vie de l’incubateur", "life of the incubator"},
	{"communaute", "diffuser l’approche", "spread the beta.gouv.fr approach"},
	{"communaute", "Etalab, Social Tech", ""},
	{"communaute", "GitHub, Pad", ""},
	{"profil", "autonomes", "Autonomous"},
	{"profil", "juniors, expérimentées ou séniors", "junior, experienced or senior"},
	{"profil", "sans supervision constante", "without constant supervision"},
	{"profil", "décroches facilement ton téléphone", "pick up the phone easily"},
	{"profil", "à l’aise à l’oral", "at ease speaking"},
	{"profil", "politiques publiques", "public policy"},
	{"profil", "agenda parfois très dense", "calendar that can be very full"},
	{"profil", "côté entrepreneurial", "entrepreneurial side"},
	{"profil", "priorités", "priorities"},
	{"profil", "dire « non »", `say "no"`},
	{"profil", "demandes de l’aide si tu les as sous-estimées", "ask for help if you underestimated them"},
	{"profil", "de A à Z", "from A to Z"},
	{"profil", "le plus d’impact et une utilité avérée", "the greatest impact and proven usefulness"},
	{"profil", "asynchrones", "asynchronous"},
	{"profil", "imparfait", "unfinished"},
	{"profil", "français", "French"},
	{"profil", "anglais", "English"},
	{"profil", "réseaux sociaux", "social networks"},
	{"profil", "bien commun", "common good"},
	{"profil", "remettre en question", "being challenged"},
	{"profil", "travail en équipe", "teamwork"},
	{"profil", "Ne te censure pas", "Don't hold back"},
	{"profil", "connais mal l’administration", "hardly know the administration"},
	{"equipes", "Startup d’État", "State start-up"},
	{"equipes", "ministère", "ministry"},
	{"equipes", "une ou plusieurs équipes", "one team or several"},
	{"entretien", "pas de stress", "no stress"},
	{"entretien", "Tutoiement bienvenu", "First names are welcome"},
	{"entretien", "dress code : viens comme si tu étais déjà pris·e", "dress code: come as if you had already been hired"},
	{"entretien", "une heure", "one hour"},
	{"entretien", "https://beta.gouv.fr", ""},
	{"entretien", "Nulle obligation de tout lire", "No need to read it all"},
	{"perspectives", "ne pouvons pas garantir la pérennisation", "cannot guarantee"},
	{"perspectives", "au-delà des 6 mois", "beyond the 6 months"},
	{"perspectives", "croissance de leur Startup d’État", "help their State start-up grow"},
	{"perspectives", "autre équipe", "another team"},
	{"perspectives", "transverse", "across teams"},
	{"perspectives", "freelance", ""},
	{"perspectives", "entreprises attributaires de nos marchés", "companies that hold our contracts"},
	{"perspectives", "autre type de poste", "another kind of position"},
	{"beta-gouv", "incubateur de la DINUM", "DINUM's incubator"},
	{"beta-gouv", "contact direct des usagers", "direct contact with their users"},
	{"beta-gouv", "https://blog.beta.gouv.fr/dinsic/2020/11/10/nous-recrutons-une-brigade-numerique/", ""},
	{"contact", "recrutement@beta.gouv.fr", ""},
	{"contact", "avant de postuler", "before you apply"},
}

func defaultFAQ(t *testing.T) *FAQ {
	t.Helper()
	f, err := Parse(DefaultName, DefaultFile(), func(id string) bool { _, ok := topics.ByID(id); return ok })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// open is a week before the campaign closes.
var open = time.Date(2020, 11, 16, 9, 0, 0, 0, time.UTC)

func TestDefaultHoldsEveryFact(t *testing.T) {
	f := defaultFAQ(t)
	for _, fact := range facts {
		e, ok := f.Entry(fact.entry)
		if !ok {
			t.Errorf("no entry %q", fact.entry)
			continue
		}
		english := fact.en
		if english == "" {
			english = fact.fr
		}
		for lang, want := range map[string]string{"fr": fact.fr, "en": english} {
			if got := plain(f.Render(e, lang, open)); !strings.Contains(got, plain(want)) {
				t.Errorf("%s in %s lacks %q:\n%s", fact.entry, lang, want, got)
			}
		}
	}
}

// plain takes out what does not change a fact: emphasis, and which space stands between figures.
func plain(s string) string {
	return strings.NewReplacer("*", "", "\u00a0", " ", "\u202f", " ").Replace(s)
}

// The contract's ids, in any order; each entry in both languages, with its source.
func TestDefaultEntries(t *testing.T) {
	f := defaultFAQ(t)
	want := strings.Fields("contrat perspectives salaire teletravail date-debut date-limite candidater dossier procedure " +
		"delai formation missions communaute profil equipes entretien beta-gouv contact")
	var got []string
	for _, e := range f.Entries {
		got = append(got, e.ID)
		for what, text := range map[string]Text{"title": e.Title, "question": e.Question, "answer": e.Answer} {
			if text["fr"] == "" || text["en"] == "" {
				t.Errorf("%s: the %s is not in both languages", e.ID, what)
			}
		}
		if len(e.Phrasings["fr"]) < 5 || len(e.Phrasings["en"]) < 3 || e.Source == "" || len(e.Topics) == 0 {
			t.Errorf("%s: %d and %d phrasings, source %q, topics %v", e.ID, len(e.Phrasings["fr"]), len(e.Phrasings["en"]), e.Source, e.Topics)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("entries %v, want %v", got, want)
	}
	if f.ID != "deploiement-2020" || f.Address != "tu" || f.DecisionDays != 28 || f.Contact != "recrutement@beta.gouv.fr" ||
		!f.Closes.Equal(time.Date(2020, 11, 23, 22, 59, 0, 0, time.UTC)) || f.Starts.Format("2006-01-02") != "2021-01-04" {
		t.Errorf("the campaign is %+v", f)
	}
}

// No answer says a figure, a date or an address that the posting does not have, nor says one in another entry's sense.
func TestDefaultContradictsNothing(t *testing.T) {
	f := defaultFAQ(t)
	known := map[string][]string{
		`\d[\d  .,]*\s?€|€\d[\d,.]*`: {"2 500 €", "3 000 €", "€2,500", "€3,000"},
		`\d+ ans\b|\d+ years`:        {"5 ans", "5 years"},
		`\d+ mois\b|\d+ months`:      {"6 mois", "6 months"},
		`\d+ semaines|\d+ weeks`:     {"4 semaines", "4 weeks"},
		`\d+ jours\b|\d+ days`:       {"15 jours", "7 jours", "7 days"}, // 7: how long is left
		`\b20\d\d\b`:                 {"2020", "2021"},
		`\S+@\S+\w`:                  {"recrutement@beta.gouv.fr"},
		`https?://[^\s)]+[\w/]`: {
			"https://www.demarches-simplifiees.fr/commencer/rejoigneznous", "https://beta.gouv.fr/approche/formation/mooc",
			"https://beta.gouv.fr", "https://blog.beta.gouv.fr/dinsic/2020/11/10/nous-recrutons-une-brigade-numerique/",
		},
		`(?i)\b(CDI|permanent|stage|alternance|télétravail obligatoire|brut|gross)\b`: {},
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		for _, lang := range languages {
			for _, now := range []time.Time{open, open.AddDate(1, 0, 0)} {
				said := plain(f.Render(e, lang, now))
				for pattern, allowed := range known {
					for _, found := range regexp.MustCompile(pattern).FindAllString(said, -1) {
						if !slices.Contains(allowed, found) {
							t.Errorf("%s in %s says %q", e.ID, lang, found)
						}
					}
				}
			}
		}
	}
}

// A candidate of the closed campaign is never told that it is open.
func TestDefaultOnceClosed(t *testing.T) {
	f := defaultFAQ(t)
	for _, id := range []string{"date-limite", "candidater", "dossier", "equipes"} {
		e, _ := f.Entry(id)
		for lang, want := range map[string]string{"fr": "**Les candidatures sont closes depuis le lundi 23 novembre 2020", "en": "**Applications closed on Monday 23 November 2020"} {
			if got := f.Render(e, lang, open.AddDate(6, 0, 0)); !strings.HasPrefix(got, want) {
				t.Errorf("%s in %s: %q", id, lang, got)
			}
		}
	}
}
