package jury

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"candide/internal/workdays"
	"candide/storage"
)

// Reminders returns what is due before a jury: one reminder for each rule whose time is still to come at now.
//
// J-n is n calendar days before at the same wall-clock time, whatever the daylight-saving changes between; one that
// falls on a weekend or a public holiday moves to the working day before. H-n and M-n are exact durations.
func Reminders(j storage.Jury, now time.Time) ([]storage.Reminder, error) {
	zone, err := time.LoadLocation(j.Zone)
	if err != nil {
		return nil, fmt.Errorf("the jury's time zone: %w", err)
	}
	calendar := workdays.New()
	var reminders []storage.Reminder
	for _, rule := range j.Rules {
		due, err := dueAt(rule, j.At.In(zone), calendar)
		if err != nil {
			return nil, err
		}
		if !due.After(now) {
			continue
		}
		reminders = append(reminders, storage.Reminder{
			ID:      fmt.Sprintf("jury/%d/%d/%s", j.Number, j.Sequence, rule),
			Subject: subject(j.Number),
			Jury:    j.Number, Rule: rule, Due: due, Begins: j.At, To: j.Team, State: storage.ReminderDue,
		})
	}
	slices.SortFunc(reminders, func(a, b storage.Reminder) int { return a.Due.Compare(b.Due) })
	return reminders, nil
}

// nudgeRule is when the members who have not answered are asked again.
const nudgeRule = "J-2"

// nudgeOf is the nudge of a jury that has members, if its time is still to come at now.
func nudgeOf(j storage.Jury, now time.Time) (storage.Reminder, bool) {
	zone, err := time.LoadLocation(j.Zone)
	if err != nil || len(j.Members) == 0 {
		return storage.Reminder{}, false
	}
	due, err := dueAt(nudgeRule, j.At.In(zone), workdays.New())
	return storage.Reminder{
		ID: fmt.Sprintf("%s/%d/nudge", subject(j.Number), j.Sequence), Subject: subject(j.Number), Kind: storage.KindNudge,
		Jury: j.Number, Rule: nudgeRule, Due: due, Begins: j.At, To: j.Team, State: storage.ReminderDue,
	}, err == nil && due.After(now)
}

func subject(number int) string { return "jury/" + strconv.Itoa(number) }

// dueAt is when a rule falls due before at, which is in the jury's own zone.
func dueAt(rule string, at time.Time, calendar workdays.Calendar) (time.Time, error) {
	unit, n, err := splitRule(rule)
	if err != nil {
		return time.Time{}, err
	}
	switch unit {
	case 'H':
		return at.Add(-time.Duration(n) * time.Hour), nil
	case 'M':
		return at.Add(-time.Duration(n) * time.Minute), nil
	}
	day := time.Date(at.Year(), at.Month(), at.Day()-n, at.Hour(), at.Minute(), 0, 0, at.Location())
	return calendar.OnOrBefore(day), nil
}

func splitRule(rule string) (unit byte, n int, err error) {
	unit, number := byte(0), ""
	if len(rule) > 2 && rule[1] == '-' {
		unit, number = rule[0], rule[2:]
	}
	n, convErr := strconv.Atoi(number)
	if convErr != nil || n < 1 || n > 9999 || number != strconv.Itoa(n) || !strings.ContainsRune("JHM", rune(unit)) {
		return 0, 0, fmt.Errorf("%q is no reminder rule", rule)
	}
	return unit, n, nil
}

// parseRules reads “J-7 j-1, H-1”; the one that is no rule comes back when there is one.
func parseRules(text string) (rules []string, bad string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		rule := strings.ToUpper(strings.ReplaceAll(word, "−", "-"))
		rule = strings.Replace(rule, "D-", "J-", 1) // as English speakers write days
		if _, _, err := splitRule(rule); err != nil {
			return nil, word
		}
		if !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules, ""
}
