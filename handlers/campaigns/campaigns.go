// Package campaigns knows which campaign a conversation is about: the one whose channel it happens in, else the
// first. It holds the campaigns as they stand, and lets an edited FAQ take over while questions are being answered.
package campaigns

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"candide/bot"
	"candide/faq"
)

// Index finds the entry that a question asks for. *faq.Index is one.
type Index interface {
	FAQ() *faq.FAQ
	Decide(q faq.Question) faq.Decision
}

// Campaign is one recruitment, as configured.
type Campaign struct {
	Channels    []string       // where the bot answers without being mentioned, by name
	TeamChannel string         // where jury reminders go by default; may be empty
	Zone        *time.Location // in which juries' dates are said
	index       atomic.Pointer[Index]
}

// New returns a campaign. A nil zone is the FAQ's.
func New(index Index, channels []string, teamChannel string, zone *time.Location) *Campaign {
	c := &Campaign{Channels: channels, TeamChannel: teamChannel, Zone: zone}
	if c.Zone == nil {
		c.Zone = index.FAQ().Zone
	}
	c.Use(index)
	return c
}

// Use puts an index in the place of the present one.
func (c *Campaign) Use(index Index) { c.index.Store(&index) }

// Index returns the present index.
func (c *Campaign) Index() Index { return *c.index.Load() }

// FAQ returns the campaign's FAQ as it stands.
func (c *Campaign) FAQ() *faq.FAQ { return c.Index().FAQ() }

// target is how many days a decision may take where the FAQ does not say.
const target = 28

// Target is how many days a decision may take, as the FAQ says.
func (c *Campaign) Target() int { return cmp.Or(c.FAQ().DecisionDays, target) }

// Set is every campaign, the first being the one meant when nothing tells. It is never empty.
type Set struct{ list []*Campaign }

// NewSet returns a set; first is the campaign meant when nothing tells.
func NewSet(first *Campaign, others ...*Campaign) *Set {
	return &Set{list: append([]*Campaign{first}, others...)}
}

// In returns the campaign that a place belongs to.
func (s *Set) In(p bot.Place) *Campaign {
	for _, c := range s.list {
		if p.Name != "" && slices.Contains(c.Channels, p.Name) {
			return c
		}
	}
	return s.list[0]
}

// At returns the campaigns that a recruiter's command is about: the one whose channel or team's channel it was given in,
// else all of them.
func (s *Set) At(p bot.Place) []*Campaign {
	for _, c := range s.list {
		if p.Name != "" && (slices.Contains(c.Channels, p.Name) || p.Name == c.TeamChannel) {
			return []*Campaign{c}
		}
	}
	return s.All()
}

// Lang is the language to answer r in: the one that its button or form was made in, else the person's, else the
// campaign's.
func (s *Set) Lang(r bot.Request) string {
	if lang := r.Data["lang"]; lang != "" {
		return lang
	}
	if r.Lang != "" {
		return r.Lang
	}
	return s.In(r.Place).FAQ().Language
}

// ByID returns a campaign, the first when none has this id (its FAQ's file may have been renamed).
func (s *Set) ByID(id string) *Campaign {
	for _, c := range s.list {
		if c.FAQ().ID == id {
			return c
		}
	}
	return s.list[0]
}

// First returns the campaign meant when nothing tells.
func (s *Set) First() *Campaign { return s.list[0] }

// All returns every campaign, the one meant when nothing tells first.
func (s *Set) All() []*Campaign { return slices.Clone(s.list) }
