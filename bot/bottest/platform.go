// Package bottest holds what tests of conversations need: a chat platform that records what is said to it and fails
// on demand, with each optional capability apart, and a clock that is set by hand.
package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"candide/bot"
)

// ID is the platform's, unless New is told another.
const ID bot.PlatformID = "fake"

// Op names what a platform was asked to do.
type Op string

// The operations.
const (
	OpPost      Op = "post"
	OpUpdate    Op = "update"
	OpFind      Op = "find"
	OpThread    Op = "thread"
	OpForm      Op = "form"
	OpRecruiter Op = "recruiter"
	OpChannel   Op = "channel"
)

// Posted is one post, as it stands now.
type Posted struct {
	ID      bot.PostID
	To      bot.Target
	Post    bot.Post
	Updates int // how many times it was replaced
	Removed bool
}

// Opened is one dialog shown.
type Opened struct {
	Ticket bot.Ticket
	View   bot.FormView
}

// Platform records posts, and has no capability but those that every platform has. It is safe for concurrent use.
type Platform struct {
	id bot.PlatformID

	mu     sync.Mutex
	posts  []Posted
	forms  []Opened
	fail   func(Op) error
	posted func(Posted)
	lost   int // how many more posts are taken and reported as failed

	people     map[string]bool
	recruiters map[bot.UserID]bool
	channels   map[string]bot.Place
	talking    map[bot.PostID][]bot.UserID
	heard      map[bot.PostID]bot.Message
}

// New returns a platform.
func New(id bot.PlatformID) *Platform {
	return &Platform{
		id: id, people: map[string]bool{}, recruiters: map[bot.UserID]bool{}, channels: map[string]bot.Place{}, talking: map[bot.PostID][]bot.UserID{},
		heard: map[bot.PostID]bot.Message{},
	}
}

// ID implements bot.Platform.
func (p *Platform) ID() bot.PlatformID { return p.id }

// Run implements bot.Platform: nothing ever happens by itself.
func (p *Platform) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

// Fail makes every operation for which f returns an error fail with it. nil: everything works again.
func (p *Platform) Fail(f func(Op) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = f
}

// AfterPost calls f once a post is there, before Post returns: a panic there is a crash between posting and knowing.
func (p *Platform) AfterPost(f func(Posted)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posted = f
}

// LoseAnswers makes the next n posts be taken and reported as failed: the server's answer was lost.
func (p *Platform) LoseAnswers(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = n
}

func (p *Platform) failing(op Op) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail == nil {
		return nil
	}
	return p.fail(op)
}

// Post implements bot.Platform.
func (p *Platform) Post(_ context.Context, to bot.Target, post bot.Post) (bot.PostID, error) {
	if err := p.failing(OpPost); err != nil {
		return "", err
	}
	p.mu.Lock()
	made := Posted{ID: bot.PostID(fmt.Sprintf("post-%d", len(p.posts)+1)), To: to, Post: post}
	p.posts = append(p.posts, made)
	after, lost := p.posted, p.lost > 0
	if lost {
		p.lost--
	}
	p.mu.Unlock()
	if after != nil {
		after(made)
	}
	if lost {
		return "", errors.New("the server's answer was lost")
	}
	return made.ID, nil
}

// Update implements bot.Platform.
func (p *Platform) Update(_ context.Context, _ bot.Place, id bot.PostID, post *bot.Post) error {
	if err := p.failing(OpUpdate); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.posts {
		if p.posts[i].ID != id {
			continue
		}
		if post == nil {
			p.posts[i].Removed = true
			return nil
		}
		if p.posts[i].Removed {
			break
		}
		files := p.posts[i].Post.Files
		p.posts[i].Post = *post
		if post.Files == nil {
			p.posts[i].Post.Files = files // they stay, as on real servers
		}
		p.posts[i].Updates++
		return nil
	}
	if post == nil {
		return nil
	}
	return fmt.Errorf("no post %q to update: %w", id, bot.ErrGone)
}

// Posts returns every post, oldest first.
func (p *Platform) Posts() []Posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.posts)
}

// Texts returns the text of every post, oldest first.
func (p *Platform) Texts() []string {
	var texts []string
	for _, made := range p.Posts() {
		texts = append(texts, made.Post.Text)
	}
	return texts
}

// Last returns the newest post, the zero one when there is none.
func (p *Platform) Last() Posted {
	posts := p.Posts()
	if len(posts) == 0 {
		return Posted{}
	}
	return posts[len(posts)-1]
}

// Button returns the key of the button of a post whose label holds label; "" when it has none.
func (made Posted) Button(label string) string {
	for _, a := range made.Post.Actions {
		if strings.Contains(a.Label, label) {
			return a.Key
		}
	}
	return ""
}

// Forms returns every dialog shown, oldest first.
func (p *Platform) Forms() []Opened {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.forms)
}

// AddRecruiter gives somebody a recruiter's rights, where the platform knows about rights.
func (p *Platform) AddRecruiter(id bot.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recruiters[id] = true
}

// AddPerson makes somebody known by their name, which is their id, where the platform finds people.
func (p *Platform) AddPerson(id bot.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[string(id)] = true
}

// RemoveRecruiter takes them away again.
func (p *Platform) RemoveRecruiter(id bot.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.recruiters, id)
}

// AddChannel makes a channel known by its name, where the platform finds channels.
func (p *Platform) AddChannel(place bot.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels[place.Name] = place
}

// RemoveChannel makes a channel unknown again.
func (p *Platform) RemoveChannel(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.channels, name)
}

// Finder adds bot.Finder.
type Finder struct{ *Platform }

// FindPost implements bot.Finder. The time is not looked at: posts here have none.
func (f Finder) FindPost(_ context.Context, to bot.Target, key string, _ time.Time) (bot.PostID, bool, error) {
	if err := f.failing(OpFind); err != nil {
		return "", false, err
	}
	for _, made := range f.Posts() {
		if made.Post.Key == key && where(made.To) == where(to) && !made.Removed {
			return made.ID, true, nil
		}
	}
	return "", false, nil
}

// where is the conversation that a post goes to.
func where(to bot.Target) string {
	if to.Direct || to.Place.Visibility == bot.Direct {
		return "direct " + string(to.To.User)
	}
	return "channel " + string(to.Place.Channel)
}

// OthersIn implements bot.Threads, beside Finder: Join says who talks where.
func (f Finder) OthersIn(_ context.Context, in bot.Place, than bot.Person) (bool, error) {
	if err := f.failing(OpThread); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.talking[in.Thread], func(who bot.UserID) bool { return who != than.User }), nil
}

// Join lets somebody have written in a thread.
func (p *Platform) Join(thread bot.PostID, who bot.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.talking[thread] = append(p.talking[thread], who)
}

// Dialogs adds bot.FormOpener. A ticket that begins with "stale" opens no dialog.
type Dialogs struct{ *Platform }

// OpenForm implements bot.FormOpener.
func (d Dialogs) OpenForm(_ context.Context, ticket bot.Ticket, v bot.FormView) error {
	if err := d.failing(OpForm); err != nil {
		return err
	}
	if strings.HasPrefix(string(ticket), "stale") {
		return bot.ErrNoDialog
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forms = append(d.forms, Opened{ticket, v})
	return nil
}

// Staff adds bot.Namer, bot.Recruiters, bot.RecruitersChannel (the channel named "recruteurs"), bot.Channels and
// bot.People.
type Staff struct{ *Platform }

// IsRecruiter implements bot.Recruiters.
func (s Staff) IsRecruiter(_ context.Context, who bot.Person) (bool, error) {
	if err := s.failing(OpRecruiter); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recruiters[who.User], nil
}

// NameOf implements bot.Namer: everybody is called by their id.
func (s Staff) NameOf(_ context.Context, p bot.Person) string { return string(p.User) }

// FindPerson implements bot.People.
func (s Staff) FindPerson(_ context.Context, name string) (bot.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.people[name] {
		return bot.Person{}, bot.ErrNoPerson
	}
	return bot.Person{Platform: s.id, User: bot.UserID(name), Name: name}, nil
}

// RecruitersPlace implements bot.RecruitersChannel.
func (s Staff) RecruitersPlace(ctx context.Context) (bot.Place, error) {
	return s.FindChannel(ctx, "recruteurs")
}

// FindChannel implements bot.Channels.
func (s Staff) FindChannel(_ context.Context, name string) (bot.Place, error) {
	if err := s.failing(OpChannel); err != nil {
		return bot.Place{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	place, ok := s.channels[strings.TrimLeft(name, "~#")]
	if !ok {
		return bot.Place{}, bot.ErrNoChannel
	}
	return place, nil
}

// Recaller adds bot.Recaller, for what a World heard.
type Recaller struct{ *Platform }

// Recall implements bot.Recaller.
func (r Recaller) Recall(_ context.Context, _ bot.Place, id bot.PostID) (bot.Recalled, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, made := range r.posts {
		if made.ID != id || made.Removed {
			continue
		}
		if message, ok := bot.AnsweredBy(made.Post.Key); ok {
			if m, ok := r.heard[message]; ok {
				return bot.Recalled{Entry: made.Post.Entry, Question: m}, nil
			}
		}
	}
	return bot.Recalled{}, bot.ErrForgotten
}

func (p *Platform) hear(m bot.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.ID != "" {
		p.heard[m.ID] = m
	}
}

// Full has every capability but dialogs: everything is asked by messages.
type Full struct {
	Staff
	finder   Finder
	recaller Recaller
}

// NewFull returns a Full around p.
func NewFull(p *Platform) Full { return Full{Staff{p}, Finder{p}, Recaller{p}} }

// FindPost implements bot.Finder.
func (f Full) FindPost(ctx context.Context, to bot.Target, key string, since time.Time) (bot.PostID, bool, error) {
	return f.finder.FindPost(ctx, to, key, since)
}

// OthersIn implements bot.Threads.
func (f Full) OthersIn(ctx context.Context, in bot.Place, than bot.Person) (bool, error) {
	return f.finder.OthersIn(ctx, in, than)
}

// Recall implements bot.Recaller.
func (f Full) Recall(ctx context.Context, in bot.Place, id bot.PostID) (bot.Recalled, error) {
	return f.recaller.Recall(ctx, in, id)
}

// FullDialogs has every capability.
type FullDialogs struct {
	Full
	dialogs Dialogs
}

// NewFullDialogs returns a FullDialogs around p.
func NewFullDialogs(p *Platform) FullDialogs { return FullDialogs{NewFull(p), Dialogs{p}} }

// OpenForm implements bot.FormOpener.
func (f FullDialogs) OpenForm(ctx context.Context, ticket bot.Ticket, v bot.FormView) error {
	return f.dialogs.OpenForm(ctx, ticket, v)
}
