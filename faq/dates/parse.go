package dates

import (
	"errors"
	"strings"
	"time"
)

// Reading is a date that was read at the beginning of a text.
type Reading struct {
	At       time.Time // in the zone given
	HasClock bool      // an hour was written; without, At is midnight
	Rest     string    // what follows, trimmed
}

// ErrNoDate is returned when the text does not begin with a date.
var ErrNoDate = errors.New("no date at the beginning")

// Parse reads the date, and the hour if there is one, at the beginning of text.
func Parse(text string, now time.Time, zone *time.Location) (Reading, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Reading{}, ErrNoDate
	}
	day, err := time.ParseInLocation("2006-01-02", words[0], zone)
	if err != nil {
		return Reading{}, ErrNoDate
	}
	if len(words) > 1 {
		if t, err := time.Parse("15:04", words[1]); err == nil {
			at := time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, zone)
			return Reading{At: at, HasClock: true, Rest: strings.Join(words[2:], " ")}, nil
		}
	}
	return Reading{At: day, Rest: strings.Join(words[1:], " ")}, nil
}
