package storage

import "time"

// What is kept for the sake of personal data.
const (
	// KeepPosts is how long it is remembered that a post of the bot shows somebody's data: longer than any interest is kept
	// by default.
	KeepPosts = 3 * 365 * 24 * time.Hour
	// KeepDoomed is how long the bot tries to take away a post that showed the data of somebody who was erased.
	KeepDoomed = 30 * 24 * time.Hour
)

// OwnPost is a post of the bot that shows somebody's data, to themselves or to a recruiter.
type OwnPost struct {
	Number  int       `json:"number"` // given by the store
	Channel Channel   `json:"channel"`
	Post    string    `json:"post"`
	At      time.Time `json:"at"`
	// DoomedAt is when it was said that the post is to be taken away.
	DoomedAt time.Time `json:"doomed_at,omitzero"`
}

// Kept is everything that is kept about one person.
type Kept struct {
	Interests []Interest `json:"interests"`
	Forms     []Form     `json:"forms,omitempty"`
	Offers    []Offer    `json:"offers,omitempty"`
	Lines     []Line     `json:"lines,omitempty"`
	Questions []Asked    `json:"questions,omitempty"`
	Posts     []OwnPost  `json:"posts,omitempty"`
	Changes   []Change   `json:"changes,omitempty"` // of their interests
	// What they did as a recruiter.
	Juries []Jury   `json:"juries,omitempty"` // that they organise or sit on
	Edits  []Edit   `json:"edits,omitempty"`  // of FAQ entries
	Work   []Change `json:"work,omitempty"`   // what else they changed
	// Calendar: their calendar has a secret address, which is not written here.
	Calendar bool `json:"calendar,omitempty"`
}

// Empty reports whether nothing is kept.
func (k Kept) Empty() bool {
	return !k.Calendar && len(k.Interests)+len(k.Forms)+len(k.Offers)+len(k.Lines)+len(k.Questions)+len(k.Posts)+len(k.Changes)+
		len(k.Juries)+len(k.Edits)+len(k.Work) == 0
}
