package mattermost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost/server/public/model"

	"candide/bot"
	"candide/internal/prose"
)

// What the bot writes into its posts' props, for itself after a crash and for other programs.
const (
	propKey   = "candide_key"
	propEntry = "candide_entry"
)

// maxFiles is how many files one post takes.
const maxFiles = 10

// Post implements bot.Platform.
//
// A private post is an ephemeral one where there is a way: a slash command's response_url, the answer that the server
// waits for, or the permission create_post_ephemeral, which bots lack by default. Else it is a direct message.
func (p *Platform) Post(ctx context.Context, to bot.Target, post bot.Post) (bot.PostID, error) {
	h, err := p.at()
	if err != nil {
		return "", err
	}
	if to.Private && !to.Direct && to.Place.Visibility != bot.Direct {
		if len(post.Files) == 0 && p.whisper(ctx, h, to, post) {
			return "", nil
		}
		p.tickets.get(to.Ticket).say(p.say("see-direct"))
		to.Direct = true
	}
	channel, root := string(to.Place.Channel), string(to.Place.Thread)
	if to.Direct {
		direct, err := p.direct(ctx, h, to.To.User)
		if err != nil {
			return "", err
		}
		if direct != channel {
			channel, root = direct, ""
		}
	}
	if channel == "" {
		return "", errors.New("posting nowhere: no channel")
	}
	files, err := p.upload(ctx, channel, post.Files)
	if err != nil {
		return "", err
	}
	parts := prose.Split(p.text(post), maxPost)
	last := len(parts) - 1
	for i, part := range parts[:last] {
		// The parts before the last one carry neither buttons nor files, and a key of their own.
		early := bot.Post{Key: partKey(post.Key, i), Entry: post.Entry}
		// Whoever looks for the post before posting it again looks for its last part.
		if _, found, err := p.findIn(ctx, h, channel, root, early.Key, p.now()); err != nil {
			return "", err
		} else if found {
			continue
		}
		if _, err := p.create(ctx, channel, root, part, early, nil); err != nil {
			return "", err
		}
	}
	created, err := p.create(ctx, channel, root, parts[last], post, files)
	if err != nil {
		return "", err
	}
	return bot.PostID(created.Id), nil
}

func partKey(key string, i int) string {
	if key == "" {
		return ""
	}
	return key + "#" + strconv.Itoa(i+1)
}

func (p *Platform) create(ctx context.Context, channel, root, text string, post bot.Post, files []string) (*model.Post, error) {
	props := p.props(post, channel, root, false)
	want := &model.Post{ChannelId: channel, RootId: root, Message: text, Props: props, FileIds: files, PendingPostId: p.pending(channel, post.Key)}
	created, resp, err := p.client.CreatePost(ctx, want)
	if status(resp) == http.StatusForbidden && p.refresh(ctx, channel) {
		created, resp, err = p.client.CreatePost(ctx, want)
	}
	if err != nil && root != "" && status(resp) == http.StatusBadRequest && p.removed(ctx, root) {
		return nil, fmt.Errorf("creating a post: its thread was %w", bot.ErrGone)
	}
	if err != nil {
		return nil, fmt.Errorf("creating a post: %w", brief(err))
	}
	return created, nil
}

// pending is the id by which the server tells a request made again from a new one, for half a minute: what covers the
// moment in which a request whose answer was lost is still being worked on, and its post cannot be found yet. The server
// compares it with those of everybody, in every channel, and answers a known one with the post that has it: the id
// therefore holds who posts and where.
func (p *Platform) pending(channel, key string) string {
	h, err := p.at()
	if err != nil || key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(h.me.Id + "\n" + channel + "\n" + key))
	return "candide:" + hex.EncodeToString(sum[:16])
}

// removed reports whether the server knows a post no more.
func (p *Platform) removed(ctx context.Context, id string) bool {
	_, resp, err := p.client.GetPost(ctx, id, "")
	return err != nil && status(resp) == http.StatusNotFound
}

// refresh makes the server read anew which channels the bot is in, and reports whether it is in this one. When two direct
// channels are made at once, the server (6.7 at least) may keep a list without one of them for a quarter of an hour, and
// refuse every post there. Setting a notification to what it is empties that list.
func (p *Platform) refresh(ctx context.Context, channel string) bool {
	h, err := p.at()
	if err != nil {
		return false
	}
	_, err = p.client.UpdateChannelNotifyProps(ctx, channel, h.me.Id, map[string]string{
		model.DesktopNotifyProp: model.ChannelNotifyDefault,
	})
	return err == nil
}

// props are a post's key, entry and buttons.
func (p *Platform) props(post bot.Post, channel, root string, private bool) model.StringInterface {
	props := model.StringInterface{}
	if post.Key != "" {
		props[propKey] = post.Key
	}
	if post.Entry != "" {
		props[propEntry] = post.Entry
	}
	if a := p.attachments(post.Actions, channel, root, private); a != nil {
		props["attachments"] = a
	}
	return props
}

// attachments are the buttons. Their context, which users do not see, carries the opaque key, where it was shown, and
// a signature of both: nobody else can have made it, nor moved it elsewhere.
func (p *Platform) attachments(actions []bot.Action, channel, root string, private bool) []*model.MessageAttachment {
	if !p.callbacks.usable() {
		return nil
	}
	var buttons []*model.PostAction
	labels := map[string]int{}
	for _, a := range actions {
		if a.URL != "" {
			continue // Mattermost's buttons open no links: they are in the text
		}
		buttons = append(buttons, &model.PostAction{
			Id: actionID(a.Label, labels[a.Label]), Type: model.PostActionTypeButton, Name: a.Label, Style: style(a.Style),
			Integration: &model.PostActionIntegration{
				URL:     p.o.PublicURL + actionPath,
				Context: p.actionContext(a.Key, channel, root, private),
			},
		})
		labels[a.Label]++
	}
	if buttons == nil {
		return nil
	}
	return []*model.MessageAttachment{{Actions: buttons}}
}

// actionID names a button within its post by what it says: whoever still sees the post as it was, and presses a button
// that is not there any more or stands elsewhere, must not press another one. n counts those that say the same.
func actionID(label string, n int) string {
	sum := sha256.Sum256([]byte(label))
	return "a" + hex.EncodeToString(sum[:6]) + strconv.Itoa(n)
}

func style(s bot.Style) string {
	switch s {
	case bot.Primary:
		return "primary"
	case bot.Danger:
		return "danger"
	default:
		return "default"
	}
}

// text is what a post shows: links for the buttons that are links, and a numbered list for the others where the server
// cannot call back.
func (p *Platform) text(post bot.Post) string {
	var b strings.Builder
	b.WriteString(post.Text)
	var numbered []string
	for _, a := range post.Actions {
		switch {
		case a.URL != "":
			b.WriteString("\n\n" + link(a.Label, a.URL))
		case !p.callbacks.usable():
			numbered = append(numbered, a.Label)
		}
	}
	for i, label := range numbered {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "\n%d. %s", i+1, label)
	}
	switch n := len(numbered); n {
	case 0:
	case 1:
		b.WriteString("\n\n" + p.say("numbers-one"))
	default:
		list := make([]string, n-1)
		for i := range list {
			list[i] = strconv.Itoa(i + 1)
		}
		b.WriteString("\n\n" + p.say("numbers", "list", strings.Join(list, ", "), "last", strconv.Itoa(n)))
	}
	return harmless(b.String(), post.Mentions)
}

// say is a sentence of the platform itself, in the configured language.
func (p *Platform) say(key string, args ...string) string {
	if p.o.Phrases == nil {
		return ""
	}
	return p.o.Phrases.Say("", key, args...)
}

// whisper shows a post to one person alone, where there is a way, and reports whether there was.
func (p *Platform) whisper(ctx context.Context, h *home, to bot.Target, post bot.Post) bool {
	t, channel, root := p.tickets.get(to.Ticket), string(to.Place.Channel), string(to.Place.Thread)
	if t != nil && t.user == string(to.To.User) && t.channel == channel && p.respond(ctx, t.hook, post, channel, root) {
		return true
	}
	text := p.text(post)
	if len(post.Actions) == 0 && t.say(text) {
		return true
	}
	// A refusal is remembered for a while: an administrator may grant the permission meanwhile.
	if channel == "" || to.To.User == "" || time.Since(time.Unix(p.ephemeral.Load(), 0)) < 30*time.Minute {
		return false
	}
	_, resp, err := p.client.CreatePostEphemeral(ctx, &model.PostEphemeral{
		UserID: string(to.To.User),
		Post: &model.Post{
			ChannelId: channel, RootId: root, UserId: h.me.Id, Message: prose.Head(text, maxPost),
			Props: p.props(post, channel, root, true),
		},
	})
	if status(resp) == http.StatusForbidden {
		p.ephemeral.Store(time.Now().Unix())
	}
	return err == nil
}

// upload sends the files of a post.
func (p *Platform) upload(ctx context.Context, channel string, files []bot.File) ([]string, error) {
	var ids []string
	for _, f := range files[:min(len(files), maxFiles)] {
		sent, resp, err := p.client.UploadFile(ctx, f.Data, channel, f.Name)
		if status(resp) == http.StatusForbidden && p.refresh(ctx, channel) {
			sent, _, err = p.client.UploadFile(ctx, f.Data, channel, f.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("uploading a file: %w", brief(err))
		}
		for _, info := range sent.FileInfos {
			ids = append(ids, info.Id)
		}
	}
	return ids, nil
}

// Update implements bot.Platform.
func (p *Platform) Update(ctx context.Context, in bot.Place, id bot.PostID, post *bot.Post) error {
	if _, err := p.at(); err != nil {
		return err
	}
	if id == "" {
		return errors.New("changing a post that has no id")
	}
	if post == nil {
		resp, err := p.client.DeletePost(ctx, string(id))
		if err != nil && status(resp) != http.StatusNotFound {
			return fmt.Errorf("removing a post: %w", brief(err))
		}
		return nil
	}
	// Its place is asked of the server: the one who changes it may be somewhere else.
	old, resp, err := p.client.GetPost(ctx, string(id), "")
	if status(resp) == http.StatusNotFound {
		return fmt.Errorf("changing a post: %w", bot.ErrGone)
	}
	if err != nil {
		return fmt.Errorf("looking at a post to change: %w", brief(err))
	}
	if key, ok := old.GetProp(propKey).(string); ok && post.Key == "" {
		post.Key = key
	}
	root := old.RootId
	if root == "" && in.Visibility != bot.Direct {
		root = old.Id
	}
	parts := prose.Split(p.text(*post), maxPost)
	props := p.props(*post, old.ChannelId, root, false)
	if isSet(old, model.PostPropsFromBot) {
		props[model.PostPropsFromBot] = "true" // server 6.7 would forget it
	}
	files, err := p.upload(ctx, old.ChannelId, post.Files)
	if err != nil {
		return err
	}
	patch := &model.PostPatch{Message: &parts[0], Props: &props}
	if files != nil {
		patch.FileIds = (*model.StringArray)(&files)
	}
	if _, _, err := p.client.PatchPost(ctx, string(id), patch); err != nil {
		return fmt.Errorf("changing a post: %w", brief(err))
	}
	for i, part := range parts[1:] {
		more := bot.Post{Key: partKey(post.Key, i), Entry: post.Entry}
		if _, err := p.create(ctx, old.ChannelId, root, part, more, nil); err != nil {
			return err
		}
	}
	return nil
}
