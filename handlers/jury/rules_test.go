package jury

import (
	"slices"
	"strings"
	"testing"
	"time"

	"candide/storage"
)

// due computes when one rule falls due, and says it in the jury's zone.
func due(t *testing.T, zone, at, rule string) string {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	begins, err := time.ParseInLocation("2006-01-02 15:04", at, loc)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Reminders(storage.Jury{Number: 1, Zone: zone, At: begins, Rules: []string{rule}}, begins.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d reminders for %s", len(list), rule)
	}
	return list[0].Due.In(loc).Format("Mon 2006-01-02 15:04 -0700")
}

func TestDue(t *testing.T) {
	for _, c := range []struct{ zone, at, rule, want string }{
		// Tuesday 1 December 2026: seven days before, the day before, an hour before.
		{"Europe/Paris", "2026-12-01 14:00", "J-7", "Tue 2026-11-24 14:00 +0100"},
		{"Europe/Paris", "2026-12-01 14:00", "J-1", "Mon 2026-11-30 14:00 +0100"},
		{"Europe/Paris", "2026-12-01 14:00", "H-1", "Tue 2026-12-01 13:00 +0100"},
		{"Europe/Paris", "2026-12-01 14:00", "M-90", "Tue 2026-12-01 12:30 +0100"},
		// Monday: the day before is a Sunday, so the reminder goes on Friday; hours do not move.
		{"Europe/Paris", "2026-11-30 09:00", "J-1", "Fri 2026-11-27 09:00 +0100"},
		{"Europe/Paris", "2026-11-30 09:00", "J-2", "Fri 2026-11-27 09:00 +0100"},
		{"Europe/Paris", "2026-11-30 09:00", "J-3", "Fri 2026-11-27 09:00 +0100"},
		{"Europe/Paris", "2026-11-30 09:00", "H-24", "Sun 2026-11-29 09:00 +0100"},

		// 1 May 2026 is a Friday. For a jury on Monday 4 May, all of 1 to 3 May is off: Thursday 30 April.
		{"Europe/Paris", "2026-05-04 10:00", "J-1", "Thu 2026-04-30 10:00 +0200"},
		{"Europe/Paris", "2026-05-04 10:00", "J-3", "Thu 2026-04-30 10:00 +0200"},
		// 8 May 2026 is the Friday after.
		{"Europe/Paris", "2026-05-11 10:00", "J-1", "Thu 2026-05-07 10:00 +0200"},
		// 14 July 2026 is a Tuesday: the day before Wednesday becomes Monday.
		{"Europe/Paris", "2026-07-15 10:00", "J-1", "Mon 2026-07-13 10:00 +0200"},
		// 14 July 2027 is a Wednesday.
		{"Europe/Paris", "2027-07-15 10:00", "J-1", "Tue 2027-07-13 10:00 +0200"},
		// Christmas 2026 is a Friday: for Monday 28 December, Thursday 24.
		{"Europe/Paris", "2026-12-28 10:00", "J-1", "Thu 2026-12-24 10:00 +0100"},
		// New Year 2027 is a Friday too; seven days before Friday 8 January is New Year's Day itself: Thursday 31.
		{"Europe/Paris", "2027-01-08 10:00", "J-7", "Thu 2026-12-31 10:00 +0100"},
		// Easter Monday is 6 April 2026 (Easter is the 5th): for Tuesday 7, back to Friday 3, which is a working day.
		{"Europe/Paris", "2026-04-07 10:00", "J-1", "Fri 2026-04-03 10:00 +0200"},
		// Ascension is Thursday 14 May 2026, 39 days after Easter.
		{"Europe/Paris", "2026-05-15 10:00", "J-1", "Wed 2026-05-13 10:00 +0200"},
		// 11 November 2026 is a Wednesday, All Saints' a Sunday.
		{"Europe/Paris", "2026-11-12 10:00", "J-1", "Tue 2026-11-10 10:00 +0100"},

		// The clocks change on the last Sundays of March and October: 29 March and 25 October 2026, 28 March and
		// 31 October 2027. Days keep the wall clock's hour.
		{"Europe/Paris", "2026-03-31 14:00", "J-7", "Tue 2026-03-24 14:00 +0100"},
		{"Europe/Paris", "2026-10-27 14:00", "J-7", "Tue 2026-10-20 14:00 +0200"},
		{"Europe/Paris", "2027-03-31 14:00", "J-7", "Wed 2027-03-24 14:00 +0100"},
		{"Europe/Paris", "2027-11-03 14:00", "J-7", "Wed 2027-10-27 14:00 +0200"},
		// Hours are real ones: 48 of them before Monday noon, with a Sunday of 23 or of 25 hours between.
		{"Europe/Paris", "2026-03-30 12:00", "H-48", "Sat 2026-03-28 11:00 +0100"},
		{"Europe/Paris", "2026-10-26 12:00", "H-48", "Sat 2026-10-24 13:00 +0200"},
		{"Europe/Paris", "2027-03-29 12:00", "H-48", "Sat 2027-03-27 11:00 +0100"},
		{"Europe/Paris", "2027-11-01 12:00", "H-48", "Sat 2027-10-30 13:00 +0200"},

		// Montreal changes on the second Sunday of March and the first of November: 8 March and 1 November 2026.
		{"America/Montreal", "2026-03-10 09:00", "J-7", "Tue 2026-03-03 09:00 -0500"},
		{"America/Montreal", "2026-11-03 09:00", "J-7", "Tue 2026-10-27 09:00 -0400"},
		{"America/Montreal", "2026-03-09 12:00", "H-48", "Sat 2026-03-07 11:00 -0500"},
		{"America/Montreal", "2026-11-02 12:00", "H-48", "Sat 2026-10-31 13:00 -0400"},
		// In 2027, 14 March and 7 November.
		{"America/Montreal", "2027-03-16 09:00", "J-7", "Tue 2027-03-09 09:00 -0500"},
		{"America/Montreal", "2027-11-09 09:00", "J-7", "Tue 2027-11-02 09:00 -0400"},
		{"America/Montreal", "2027-03-15 12:00", "H-48", "Sat 2027-03-13 11:00 -0500"},
		{"America/Montreal", "2027-11-08 12:00", "H-48", "Sat 2027-11-06 13:00 -0400"},
		// La Réunion never changes: Paris's change passes unseen.
		{"Indian/Reunion", "2026-03-31 09:00", "J-7", "Tue 2026-03-24 09:00 +0400"},
		{"Indian/Reunion", "2026-03-30 12:00", "H-48", "Sat 2026-03-28 12:00 +0400"},
		{"Indian/Reunion", "2026-10-27 09:00", "J-7", "Tue 2026-10-20 09:00 +0400"},
		{"Indian/Reunion", "2027-03-29 12:00", "H-48", "Sat 2027-03-27 12:00 +0400"},
		{"Indian/Reunion", "2027-11-03 09:00", "J-7", "Wed 2027-10-27 09:00 +0400"},
		// The hour before a jury in the small hours of the nights themselves: exact, whatever the wall says.
		{"Europe/Paris", "2026-03-29 03:30", "H-1", "Sun 2026-03-29 01:30 +0100"},
		{"Europe/Paris", "2026-10-25 03:30", "H-1", "Sun 2026-10-25 02:30 +0100"},
		{"Europe/Paris", "2026-10-25 03:30", "H-2", "Sun 2026-10-25 02:30 +0200"},
		{"Europe/Paris", "2027-03-28 03:30", "H-1", "Sun 2027-03-28 01:30 +0100"},
		{"Europe/Paris", "2027-10-31 03:30", "H-2", "Sun 2027-10-31 02:30 +0200"},
		{"America/Montreal", "2026-03-08 03:30", "H-1", "Sun 2026-03-08 01:30 -0500"},
		{"America/Montreal", "2026-11-01 02:30", "H-2", "Sun 2026-11-01 01:30 -0400"},
		// A day is the jury's own: 01:00 on a Monday in La Réunion is still Sunday in Paris, and a Monday all the same.
		{"Indian/Reunion", "2026-12-01 01:00", "J-1", "Mon 2026-11-30 01:00 +0400"},
		{"America/Montreal", "2026-11-30 22:00", "J-1", "Fri 2026-11-27 22:00 -0500"},
	} {
		if got := due(t, c.zone, c.at, c.rule); got != c.want {
			t.Errorf("%s before %s in %s: %s, want %s", c.rule, c.at, c.zone, got, c.want)
		}
	}
}

// Only what is still to come is planned, in the order in which it comes.
func TestRemindersToCome(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 1, 14, 0, 0, 0, zone)
	j := storage.Jury{Number: 4, Sequence: 2, Zone: "Europe/Paris", At: at, Rules: []string{"H-1", "J-7", "J-1"}}
	for _, c := range []struct {
		before time.Duration
		want   string
	}{
		{30 * 24 * time.Hour, "J-7 J-1 H-1"},
		{7 * 24 * time.Hour, "J-1 H-1"}, // due this very moment: too late to plan
		{2 * time.Hour, "H-1"},
		{time.Minute, ""},
	} {
		list, err := Reminders(j, at.Add(-c.before))
		if err != nil {
			t.Fatal(err)
		}
		var rules []string
		for _, r := range list {
			rules = append(rules, r.Rule)
			if r.ID != "jury/4/2/"+r.Rule || r.Subject != "jury/4" || r.Jury != 4 || !r.Begins.Equal(at) || r.State != storage.ReminderDue {
				t.Errorf("made %+v", r)
			}
		}
		if got := strings.Join(rules, " "); got != c.want {
			t.Errorf("%s before: %q, want %q", c.before, got, c.want)
		}
	}
}

func TestRemindersOfABadJury(t *testing.T) {
	for _, j := range []storage.Jury{
		{Zone: "Mars/Olympus", Rules: []string{"J-1"}},
		{Zone: "Europe/Paris", Rules: []string{"J-1", "tomorrow"}},
	} {
		if list, err := Reminders(j, time.Time{}); err == nil {
			t.Errorf("%+v: %v", j, list)
		}
	}
}

func TestParseRules(t *testing.T) {
	for text, want := range map[string]string{
		"J-7 J-1 H-1":   "J-7 J-1 H-1",
		"j-7, h-2; m-5": "J-7 H-2 M-5",
		"J−7":           "J-7", // a minus sign
		"D-3":           "J-3", // as in English
		"J-1 j-1 D-1":   "J-1",
		"":              "",
	} {
		got, bad := parseRules(text)
		if strings.Join(got, " ") != want || bad != "" {
			t.Errorf("%q: %q, bad %q; want %q", text, got, bad, want)
		}
	}
	for text, want := range map[string]string{
		"J-7 demain":  "demain",
		"J-0":         "J-0",
		"J-":          "J-",
		"J-+7":        "J-+7",
		"J-07":        "J-07", // would be a second reminder beside J-7
		"J--7":        "J--7",
		"J-99999":     "J-99999",
		"S-1":         "S-1",
		"J7":          "J7",
		"J-1é":        "J-1é",
		"99999999999": "99999999999",
	} {
		if got, bad := parseRules(text); bad != want || got != nil {
			t.Errorf("%q: %q, bad %q; want bad %q", text, got, bad, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int{
		"3": 3, " 3 ": 3, "n°3": 3, "n° 3": 3, "N° 3": 3, "#3": 3, "no. 3": 3, "3 demain": 3,
		"": 0, "trois": 0, "0": 0, "-3": 0, "3demain": 0, "99999999999999999999": 0,
	} {
		n, _, ok := number(text)
		if !ok {
			n = 0
		}
		if n != want {
			t.Errorf("%q: %d, want %d", text, n, want)
		}
	}
	if _, rest, _ := number("n° 3  salle indisponible"); rest != "salle indisponible" {
		t.Errorf("what follows: %q", rest)
	}
}

func TestSplitChannel(t *testing.T) {
	for text, want := range map[string][2]string{
		"~equipe Premier jury":     {"equipe", "Premier jury"},
		"Premier jury ~equipe-1":   {"equipe-1", "Premier jury"},
		"Premier ~équipe_2.x jury": {"équipe_2.x", "Premier jury"},
		"#equipe":                  {"equipe", ""},
		"Premier jury":             {"", "Premier jury"},
		"jury n~1":                 {"", "jury n~1"},
		"":                         {"", ""},
	} {
		channel, title := splitChannel(text)
		if got := [2]string{channel, title}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCalendarDays(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d, h int) time.Time { return time.Date(2026, 3, d, h, 0, 0, 0, paris) }
	got := []int{
		calendarDays(day(28, 23), day(29, 1)), // two hours, but tomorrow
		calendarDays(day(28, 0), day(28, 23)),
		calendarDays(day(28, 12), day(30, 12)), // across a Sunday of 23 hours
	}
	if want := []int{1, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
