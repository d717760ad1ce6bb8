package dates

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// zones are those the properties are held in, by name: a zone drawn by itself would be printed whole.
type zones map[string]*time.Location

func loadZones(t testing.TB) zones {
	t.Helper()
	all := zones{"Europe/Paris": nil, "America/Montreal": nil, "Indian/Reunion": nil}
	for name := range all {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = zone
	}
	return all
}

func (z zones) draw(t *rapid.T) *time.Location {
	return z[rapid.SampledFrom([]string{"Europe/Paris", "America/Montreal", "Indian/Reunion"}).Draw(t, "zone")]
}

// drawTime draws a minute from 2024 to 2035. Of one that clocks show twice it is the first.
func drawTime(t *rapid.T, label string, zone *time.Location) time.Time {
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, zone).Unix() / 60
	last := time.Date(2035, 12, 31, 23, 59, 0, 0, zone).Unix() / 60
	at := time.Unix(60*rapid.Int64Range(first, last).Draw(t, label), 0).In(zone)
	if hourAgo := at.Add(-time.Hour); hourAgo.Format(time.DateTime) == at.Format(time.DateTime) {
		return hourAgo
	}
	return at
}

var spellings = map[string]func(at time.Time) string{
	"moment in French":  func(at time.Time) string { return Moment(at, "fr") },
	"moment in English": func(at time.Time) string { return Moment(at, "en") },
	"upper case":        func(at time.Time) string { return strings.ToUpper(Moment(at, "fr")) },
	"without accents":   func(at time.Time) string { return plain(Moment(at, "fr")) },
	"no-break spaces":   func(at time.Time) string { return strings.ReplaceAll(Moment(at, "fr"), " ", "\u00a0") },
	"ISO 8601":          func(at time.Time) string { return at.Format(time.RFC3339) },
	"ISO with a space":  func(at time.Time) string { return at.Format("2006-01-02 15:04") },
	"digits":            func(at time.Time) string { return at.Format("02/01/2006 15:04") },
	"short digits":      func(at time.Time) string { return at.Format("2/1/06 15h04") },
	"dots":              func(at time.Time) string { return at.Format("2.1.2006, 15 h 04") },
	"American words":    func(at time.Time) string { return at.Format("Monday, January 2, 2006 3:04 PM") },
	"abridged English":  func(at time.Time) string { return at.Format("Mon. 2 Jan. 2006 at 3:04pm") },
	"abridged French": func(at time.Time) string {
		return fmt.Sprintf("%.3s. %d %s %s", joursFR[at.Weekday()], at.Day(),
			[]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}[at.Month()-1],
			at.Format("2006 15h04"))
	},
	"hour first":            func(at time.Time) string { return at.Format("15h04") + " le " + Day(at, "fr") },
	"hour first in English": func(at time.Time) string { return at.Format("3:04 pm") + " on " + Day(at, "en") },
	"hour first, spaced":    func(at time.Time) string { return at.Format("15 h 04 2/1/2006") },
}

func plain(s string) string {
	return strings.NewReplacer("é", "e", "û", "u", "à", "a").Replace(s)
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	zones := loadZones(t)
	for name, spell := range spellings {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				zone := zones.draw(t)
				at, now := drawTime(t, "at", zone), drawTime(t, "now", zone)
				rest := rapid.SampledFrom([]string{"", "~equipe Jury final", "Jury, 12 candidats"}).Draw(t, "rest")
				text := strings.TrimSpace(spell(at) + " " + rest)
				r, err := Parse(text, now, zone)
				if err != nil {
					t.Fatalf("Parse(%q): %v", text, err)
				}
				if !r.At.Equal(at) || !r.HasClock || r.Rest != rest || r.At.Location() != zone {
					t.Fatalf("Parse(%q) = %v, rest %q; want %v", text, r.At, r.Rest, at)
				}
			})
		})
	}
}

func TestDayIsReadBack(t *testing.T) {
	zones := loadZones(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := zones.draw(t)
		at, now := drawTime(t, "at", zone), drawTime(t, "now", zone)
		for _, lang := range []string{"fr", "en"} {
			text := Day(at, lang)
			r, err := Parse(text+" Jury", now, zone)
			want := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
			if err != nil || !r.At.Equal(want) || r.HasClock || r.Rest != "Jury" {
				t.Fatalf("Parse(%q) = %+v, %v; want %v", text, r, err, want)
			}
		}
	})
}

func TestWithoutYearIsTheNext(t *testing.T) {
	zones := loadZones(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := zones.draw(t)
		now := drawTime(t, "now", zone)
		// Nothing within the thirty days before is asked for, nor anything a whole year ahead.
		at := now.AddDate(0, 0, rapid.IntRange(1, 330).Draw(t, "days"))
		if at.Month() == time.February && at.Day() == 29 {
			t.Skip()
		}
		text := at.Format("2/1 15h04")
		r, err := Parse(text, now, zone)
		if err != nil || r.At.Format(time.DateOnly) != at.Format(time.DateOnly) {
			t.Fatalf("on %v Parse(%q) = %v, %v; want %v", now, text, r.At, err, at)
		}
	})
}

func TestWrongWeekdayIsRefused(t *testing.T) {
	zones := loadZones(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := zones.draw(t)
		at, now := drawTime(t, "at", zone), drawTime(t, "now", zone)
		wrong := (at.Weekday() + time.Weekday(rapid.IntRange(1, 6).Draw(t, "off"))) % 7
		for _, text := range []string{
			fmt.Sprintf("%s %s", joursFR[wrong], at.Format("2/1/2006 15h04")),
			fmt.Sprintf("%s %s", wrong, at.Format("2 January 2006 15:04")),
			fmt.Sprintf("%.3s %s", joursFR[wrong], at.Format("2006-01-02 15:04")),
			fmt.Sprintf("%s %s %s", at.Format("15h04"), joursFR[wrong], at.Format("02/01/2006")),
		} {
			_, err := Parse(text, now, zone)
			var e *WeekdayError
			if !errors.As(err, &e) {
				t.Fatalf("Parse(%q): %v", text, err)
			}
			if e.Date.Format(time.DateOnly) != at.Format(time.DateOnly) || e.Nearest.Weekday() != wrong ||
				e.Nearest.Sub(at).Abs() > 4*24*time.Hour {
				t.Fatalf("Parse(%q): %+v", text, e)
			}
		}
	})
}

func TestComingWeekday(t *testing.T) {
	zones := loadZones(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := zones.draw(t)
		now := drawTime(t, "now", zone)
		weekday := time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		for _, name := range []string{joursFR[weekday], weekday.String()} {
			r, err := Parse(name+" 12h30", now, zone)
			if err != nil {
				t.Fatal(err)
			}
			today := time.Date(now.Year(), now.Month(), now.Day(), 12, 30, 0, 0, zone)
			ahead := 1
			for today.AddDate(0, 0, ahead).Weekday() != weekday {
				ahead++
			}
			if want := today.AddDate(0, 0, ahead); !r.At.Equal(want) {
				t.Fatalf("on %v, %s is %v, want %v", now, name, r.At, want)
			}
		}
	})
}

// vocabulary is what dates are made of, and what they are mistaken for.
var vocabulary = []string{
	"mardi", "mar", "lun.", "Tuesday", "jeu", "mon", "1", "1er", "12", "16", "2026", "2027", "31", "décembre", "déc.", "mars", "Mar",
	"May", "demain", "après-demain", "ce", "soir", "matin", "aujourd’hui", "le", "on", "the", "à", "at", "vers", "dans", "in", "a",
	"quinze", "jours", "semaine", "une", "heures", "h", "14h", "14h30", "30", "14:30", "pm", "midi", "minuit", "et", "demie",
	"prochain", "next", "en huit", "en", "quinze", "de", "la semaine prochaine", ",", "-", ":", "/", ".", "(", ")", "~equipe", "Jury",
	"2026-12-01", "T14:00", "Z", "+02:00", "1/12", "/2026", "candidats", "\u00a0", "\u200b", "",
}

func TestAnyWords(t *testing.T) {
	zones := loadZones(t)
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 12).Draw(t, "words") {
			text.WriteString(w)
			text.WriteString(rapid.SampledFrom([]string{" ", " ", " ", "", "\u202f"}).Draw(t, "space"))
		}
		checkReading(t, text.String(), zones.draw(t))
	})
}

func FuzzParse(f *testing.F) {
	for _, l := range readLines(f) {
		f.Add(l.text)
	}
	f.Add(strings.Repeat("14 h 30-", 1000))
	f.Add(strings.Repeat("mar 1 ", 1000))
	f.Add("demain" + strings.Repeat(" ", 10_000) + "14h")
	f.Add("\xff demain \xff")
	zones := loadZones(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, zone := range zones {
			checkReading(t, text, zone)
		}
	})
}

var fourDigits = regexp.MustCompile(`\d{4}`)

// checkReading holds what is true of every text.
func checkReading(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, zone *time.Location) {
	t.Helper()
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, zone)
	r, err := Parse(text, now, zone)
	if err != nil {
		if kindOf(err) == "unknown error" || Explain(err, "fr") == "" || Explain(err, "en") == "" {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		return
	}
	trimmed := strings.TrimSpace(text)
	if !strings.HasSuffix(trimmed, r.Rest) || r.Rest != strings.TrimSpace(r.Rest) {
		t.Fatalf("Parse(%q): the rest is %q", text, r.Rest)
	}
	if r.At.Location() != zone {
		t.Fatalf("Parse(%q): in %v", text, r.At.Location())
	}
	date := strings.TrimSuffix(trimmed, r.Rest)
	if (r.At.Year() < 2000 || r.At.Year() > 2100) && !fourDigits.MatchString(date) {
		t.Fatalf("Parse(%q): %v", text, r.At)
	}
	for _, a := range r.Alternatives {
		if a.Equal(r.At) || a.Location() != zone {
			t.Fatalf("Parse(%q): %v, or %v", text, r.At, a)
		}
	}
	// What was read says the same alone. A number before a word may have been left aside, but never a part of one.
	again, err := Parse(date, now, zone)
	if err != nil || !again.At.Equal(r.At) || again.HasClock != r.HasClock || again.Rest != "" {
		t.Fatalf("Parse(%q) = %v, but alone %q is %v, %q (%v)", text, r.At, date, again.At, again.Rest, err)
	}
	if c := []rune(r.Rest); len(c) > 0 && unicode.IsDigit(c[0]) && date != "" && unicode.IsDigit(rune(date[len(date)-1])) {
		t.Fatalf("Parse(%q) cut a number in two", text)
	}
}

func TestLongTexts(t *testing.T) {
	zone := loadZones(t)["Europe/Paris"]
	for _, text := range []string{
		strings.Repeat("14 h 30-", 1250),
		strings.Repeat("mar 1 ", 1700),
		strings.Repeat("1/", 5000),
		strings.Repeat("a", 10_000),
		strings.Repeat("9", 10_000),
		strings.Repeat("’", 3000),
		"demain 14h " + strings.Repeat("é ", 3000),
	} {
		start := time.Now()
		checkReading(t, text, zone)
		if took := time.Since(start); took > time.Second {
			t.Errorf("%.20q… took %v", text, took)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	zone := loadZones(b)["Europe/Paris"]
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, zone)
	for b.Loop() {
		if _, err := Parse("mardi 1er décembre à 14h30 ~equipe Jury final", now, zone); err != nil {
			b.Fatal(err)
		}
	}
}
