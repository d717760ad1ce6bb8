package campaigns

import (
	"time"

	"candide/storage"
)

// Tally is one thing of a kind, on the day that it is in the campaign's own zone.
func (c *Campaign) Tally(now time.Time, kind storage.TallyKind, name string) storage.Tally {
	return storage.Tally{Campaign: c.FAQ().ID, Day: now.In(c.Zone).Format(time.DateOnly), Kind: kind, Name: name, Count: 1}
}
