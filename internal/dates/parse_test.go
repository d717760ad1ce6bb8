package dates

import (
	"bufio"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// line is one line of testdata/parse.txt.
type line struct {
	number           int
	now              time.Time
	text, want, rest string
	alternatives     string
}

func readLines(t testing.TB) []line {
	t.Helper()
	f, err := os.Open("testdata/parse.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []line
	above := make([]string, 2)
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		if s := scanner.Text(); s == "" || strings.HasPrefix(s, "#") {
			continue
		}
		fields := strings.Split(scanner.Text(), "|")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
			if i < len(above) && fields[i] == `"` {
				fields[i] = above[i]
			}
		}
		if len(fields) < 5 {
			t.Fatalf("line %d: %d fields", n, len(fields))
		}
		copy(above, fields)
		zone, err := time.LoadLocation(fields[1])
		if err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		now, err := time.ParseInLocation("2006-01-02 15:04", fields[0], zone)
		if err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		l := line{number: n, now: now, want: fields[3], rest: fields[4]}
		l.text = strings.NewReplacer("·", "\u00a0", "¸", "\u202f").Replace(fields[2])
		if len(fields) > 5 {
			l.alternatives = fields[5]
		}
		lines = append(lines, l)
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// kindOf names an error as testdata/parse.txt does.
func kindOf(err error) string {
	switch {
	case errors.Is(err, ErrNoDate):
		return "none"
	case errors.As(err, new(*WeekdayError)):
		return "weekday"
	case errors.As(err, new(*ConflictError)):
		return "conflict"
	case errors.As(err, new(*DateError)):
		return "date"
	case errors.As(err, new(*HourError)):
		return "hour"
	case errors.As(err, new(*InexactError)):
		return "inexact"
	case errors.As(err, new(*SkippedError)):
		return "skipped"
	case errors.As(err, new(*PastError)):
		return "past"
	}
	return "unknown error"
}

func TestParse(t *testing.T) {
	for _, l := range readLines(t) {
		got, rest, alternatives := "", "", ""
		r, err := Parse(l.text, l.now, l.now.Location())
		if err != nil {
			got = kindOf(err)
		} else {
			layout := time.DateOnly
			if r.HasClock {
				layout = time.RFC3339Nano
			}
			var others []string
			for _, a := range r.Alternatives {
				others = append(others, a.Format(layout))
			}
			got, rest, alternatives = r.At.Format(layout), r.Rest, strings.Join(others, " ")
		}
		if got != l.want || rest != l.rest || alternatives != l.alternatives {
			t.Errorf("line %d: Parse(%q)\n got %s | %s | %s\nwant %s | %s | %s",
				l.number, l.text, got, rest, alternatives, l.want, l.rest, l.alternatives)
		}
	}
}

func TestParseWithoutClockIsTheStartOfTheDay(t *testing.T) {
	// In Cairo, clocks go from 24:00 to 1:00.
	for text, want := range map[string]string{
		"24/04/2026":     "2026-04-24T01:00:00+03:00",
		"23/04/2026":     "2026-04-23T00:00:00+02:00",
		"24/04/2026 0h":  "skipped",
		"23/04/2026 24h": "skipped",
	} {
		zone, err := time.LoadLocation("Africa/Cairo")
		if err != nil {
			t.Fatal(err)
		}
		r, err := Parse(text, time.Date(2026, 1, 1, 0, 0, 0, 0, zone), zone)
		got := r.At.Format(time.RFC3339)
		if err != nil {
			got = kindOf(err)
		}
		if got != want {
			t.Errorf("Parse(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, paris)
	for _, tt := range []struct{ text, fr, en string }{
		{
			"mercredi 1er décembre 14h",
			"Le 1er décembre 2026 n’est pas un mercredi : voulez-vous dire le mardi 1er décembre 2026, ou le mercredi 2 décembre 2026 ?",
			"1 December 2026 is not a Wednesday: do you mean Tuesday 1 December 2026, or Wednesday 2 December 2026?",
		},
		{
			"demain 18 novembre",
			"« demain » est le mardi 17 novembre 2026, et non « 18 novembre ».",
			"“demain” is Tuesday 17 November 2026, not “18 novembre”.",
		},
		{"31 novembre", "Le 31 novembre n’existe pas.", "There is no 31 November."},
		{"29/2/2027", "Le 29 février 2027 n’existe pas.", "There is no 29 February 2027."},
		{
			"12/25 14h",
			"Il n’y a pas de mois 25 : écrivez le jour avant le mois.",
			"There is no month 25: write the day before the month.",
		},
		{"2026-13-01", "Il n’y a pas de mois 13.", "There is no month 13."},
		{"mardi 32 à 14h", "Aucun mois n’a de jour 32.", "No month has a day 32."},
		{"demain 14h75", "L’heure « 14h75 » n’existe pas.", "There is no such hour as “14h75”."},
		{
			"demain vers 14h Jury",
			"« vers 14h » ne dit pas l’heure exacte : écrivez une seule heure, par exemple « 14h30 ».",
			"“vers 14h” does not say the exact hour: write a single one, such as “2:30 pm”.",
		},
		{
			"28/3/2027 2h30",
			"Le dimanche 28 mars 2027, on passe de 2 h à 3 h : 2 h 30 n’existe pas.",
			"On Sunday 28 March 2027 clocks go from 2:00 am to 3:00 am: there is no 2:30 am.",
		},
		{
			"10 novembre 9h",
			"Le mardi 10 novembre 2026 à 9 h est passé : si c’est bien le mercredi 10 novembre 2027 à 9 h, écrivez la date entière, avec l’année.",
			"Tuesday 10 November 2026 at 9:00 am has passed: if you mean Wednesday 10 November 2027 at 9:00 am, write the whole date with its year.",
		},
		{
			"vendredi 13 à 14h",
			"Le vendredi 13 novembre 2026 à 14 h est passé.",
			"Friday 13 November 2026 at 2:00 pm has passed.",
		},
		{"Jury", "Je ne trouve pas de date au début.", "I find no date at the beginning."},
	} {
		_, err := Parse(tt.text, now, paris)
		if err == nil {
			t.Errorf("Parse(%q): no error", tt.text)
			continue
		}
		if got := Explain(err, "fr"); got != tt.fr {
			t.Errorf("Explain(%q):\n got %s\nwant %s", tt.text, got, tt.fr)
		}
		if got := Explain(err, "en"); got != tt.en {
			t.Errorf("Explain(%q):\n got %s\nwant %s", tt.text, got, tt.en)
		}
	}
}

func TestQuestions(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, paris)
	for at, want := range map[string][]string{
		"2026-12-01 14:00": nil,
		"2026-12-01 08:00": nil,
		"2026-12-01 20:00": nil,
		"2026-12-01 07:59": {"C’est une heure inhabituelle : 7 h 59."},
		"2026-12-01 20:01": {"C’est une heure inhabituelle : 20 h 01."},
		"2026-11-16 10:00": {"Cette date est passée."},
		"2026-12-05 14:00": {"C’est un samedi."},
		"2026-12-25 14:00": {"C’est un jour férié : Noël."},
		"2027-03-29 14:00": {"C’est un jour férié : Lundi de Pâques."},
		"2027-05-06 14:00": {"C’est un jour férié : Ascension."},
		"2027-05-17 14:00": {"C’est un jour férié : Lundi de Pentecôte."},
		"2027-05-08 23:00": {
			"C’est une heure inhabituelle : 23 h.", "C’est un samedi.", "C’est un jour férié : Fête de la Victoire.",
		},
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, paris)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range Questions(when, now) {
			if q.In("en") == "" {
				t.Errorf("%s: nothing in English", at)
			}
			got = append(got, q.In("fr"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("Questions(%s) = %q, want %q", at, got, want)
		}
	}
	if _, english, _ := PublicHoliday(time.Date(2027, 7, 14, 0, 0, 0, 0, paris)); english != "Bastille Day" {
		t.Errorf("14 July is %q", english)
	}
	names := map[string]bool{}
	for day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2027; day = day.AddDate(0, 0, 1) {
		if french, english, ok := PublicHoliday(day); ok {
			if english == "" {
				t.Errorf("%s has no English name", french)
			}
			names[french] = true
		}
	}
	if len(names) != 11 {
		t.Errorf("%d public holidays in 2027, want 11", len(names))
	}
}
