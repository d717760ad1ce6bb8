package faq

import (
	"strings"
	"testing"
	"time"
)

// phases is a campaign that opens, closes on Monday 23 November 2020 at 23:59 in Paris, and says so.
func phases(t *testing.T) *FAQ {
	t.Helper()
	f, err := Parse("f", []byte(phasesFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const phasesFile = `
id: a
title: T
opens: 2020-11-10
closes: 2020-11-23T23:59
starts: 2021-01-04
decision_days: 28
contact: rh@example.org
apply: https://apply.example.org
entries:
  - id: limite
    question: Q1
    answer: {fr: "Jusqu’au {closes}. {time_left}", en: "Until {closes}. {time_left}"}
    closed: {fr: "Fini. {time_left}", en: "Over. {time_left}"}
    applying: true
  - id: candidater
    question: Q2
    answer: "Sur {apply}, début le {starts}, réponse en {decision_days} jours, {contact}."
    applying: true
  - id: salaire
    question: Q3
    answer: Assez, beaucoup.
`

func say(t *testing.T, f *FAQ, entry, lang, at string) string {
	t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04:05", at, f.Zone)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := f.Entry(entry)
	if !ok {
		t.Fatalf("no entry %q", entry)
	}
	return f.Render(e, lang, now)
}

func TestTimeLeft(t *testing.T) {
	f := phases(t)
	for _, c := range []struct {
		at    string
		phase Phase
		fr    string // what the French answer ends with
		en    string
	}{
		{"2020-11-09 23:59:59", Upcoming, "Les candidatures ouvrent le mardi 10 novembre 2020 à", "Applications open on Tuesday 10 November 2020 at"},
		{"2020-11-10 00:00:00", Open, "Il reste 13 jours.", "There are 13 days left."},
		{"2020-11-16 10:00:00", Open, "Il reste 7 jours.", "There are 7 days left."}, // 7 days and 14 hours
		{"2020-11-21 23:59:00", Open, "Il reste 2 jours.", "There are 2 days left."},
		{"2020-11-21 23:59:01", Open, "Il reste 47 heures.", "There are 47 hours left."}, // never more than there is
		{"2020-11-22 23:59:00", Open, "Il reste 24 heures.", "There are 24 hours left."},
		{"2020-11-22 23:59:01", LastDay, "Dernières heures : il reste 23 heures.", "Last hours: 23 hours left."},
		{"2020-11-23 21:59:00", LastDay, "Dernières heures : il reste 2 heures.", "Last hours: 2 hours left."},
		{"2020-11-23 22:59:00", LastDay, "Dernières heures : il reste 60 minutes.", "Last hours: 60 minutes left."},
		{"2020-11-23 23:57:00", LastDay, "Dernières heures : il reste 2 minutes.", "Last hours: 2 minutes left."},
		{"2020-11-23 23:58:00", LastDay, "Dernières heures : il reste 1 minute.", "Last hours: 1 minute left."},
		{"2020-11-23 23:59:30", LastDay, "Dernières heures : il reste 1 minute.", "Last hours: 1 minute left."}, // until 23:59 is over
		{"2020-11-23 23:59:59", LastDay, "Dernières heures : il reste 1 minute.", "Last hours: 1 minute left."},
		{"2020-11-24 00:00:00", Closed, "C’est terminé depuis le lundi 23 novembre 2020 à", "That is over since Monday 23 November 2020 at"},
		{"2026-11-24 00:00:00", Closed, "C’est terminé depuis le lundi 23 novembre 2020 à", "That is over since Monday 23 November 2020 at"},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04:05", c.at, f.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Phase(now); got != c.phase {
			t.Errorf("at %s the phase is %d, want %d", c.at, got, c.phase)
		}
		for lang, want := range map[string]string{"fr": c.fr, "en": c.en} {
			got := say(t, f, "limite", lang, c.at)
			if !strings.Contains(got, want) {
				t.Errorf("at %s in %s: %q lacks %q", c.at, lang, got, want)
			}
			over := strings.HasPrefix(got, "Fini.") || strings.HasPrefix(got, "Over.")
			if over != (c.phase == Closed) {
				t.Errorf("at %s in %s: %q", c.at, lang, got)
			}
		}
	}
}

// The same instant, wherever the machine is.
func TestPhaseKnowsItsZone(t *testing.T) {
	f := phases(t)
	for at, want := range map[string]Phase{
		"2020-11-23T22:59:59Z":      LastDay,
		"2020-11-23T23:00:00Z":      Closed,
		"2020-11-24T08:59:59+10:00": LastDay,
		"2020-11-23T18:00:00-05:00": Closed,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Phase(now); got != want {
			t.Errorf("at %s: %d, want %d", at, got, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	f := phases(t)
	want := "Sur https://apply.example.org, début le lundi 4 janvier 2021, réponse en 28 jours, rh@example.org."
	if got := say(t, f, "candidater", "fr", "2020-11-16 10:00:00"); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	// English readers get the French text where there is no other, with the dates in their language.
	if got := say(t, f, "candidater", "en", "2020-11-16 10:00:00"); !strings.Contains(got, "début le Monday 4 January 2021") {
		t.Errorf("in English: %q", got)
	}
}

// Once closed, an answer about applying says so first, even where its author wrote nothing for then; the others stay.
func TestClosedNotice(t *testing.T) {
	f := phases(t)
	got := say(t, f, "candidater", "fr", "2020-11-24 10:00:00")
	if !strings.HasPrefix(got, "**Les candidatures sont closes depuis le lundi 23 novembre 2020 à ") || !strings.Contains(got, "\n\nSur https://apply") {
		t.Errorf("said %q", got)
	}
	if got := say(t, f, "candidater", "en", "2020-11-24 10:00:00"); !strings.HasPrefix(got, "**Applications closed on Monday 23 November 2020 at ") {
		t.Errorf("in English: %q", got)
	}
	if got := say(t, f, "salaire", "fr", "2020-11-24 10:00:00"); got != "Assez, beaucoup." {
		t.Errorf("an answer that is not about applying: %q", got)
	}
}

func TestNoDeadline(t *testing.T) {
	f, err := Parse("f", []byte(small("", "    answer: R\n    applying: true\n")), nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.Phase(now) != Open || f.ClosedNotice("fr") != "" || f.Render(&f.Entries[0], "fr", now) != "R" {
		t.Errorf("without a deadline: phase %d, %q", f.Phase(now), f.Render(&f.Entries[0], "fr", now))
	}
	if got := f.timeLeft("fr", now); got != "Aucune date limite n’est fixée." {
		t.Errorf("time left: %q", got)
	}
}

func TestTextIn(t *testing.T) {
	for _, c := range []struct {
		text           Text
		lang, fallback string
		want           string
	}{
		{Text{"fr": "f", "en": "e"}, "en", "fr", "e"},
		{Text{"fr": "f"}, "en", "fr", "f"},
		{Text{"en": "e"}, "fr", "fr", "e"},
		{nil, "fr", "fr", ""},
	} {
		if got := c.text.In(c.lang, c.fallback); got != c.want {
			t.Errorf("%v in %s: %q, want %q", c.text, c.lang, got, c.want)
		}
	}
}
