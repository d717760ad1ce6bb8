package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

// User is a person with a session and an open websocket. The methods act as
// the person would and end the test when the server refuses, but for those
// whose name begins with Try, which return the error.
type User struct {
	*model.User
	Token  string
	Client *model.Client4 // for whatever has no method here

	t      testing.TB
	teamID string
	listen *listener
}

// newUser opens a person's websocket and closes it with the test.
func newUser(t testing.TB, w *World, account *model.User, token string) *User {
	t.Helper()
	u := &User{
		User: account, Token: token, Client: w.Server.NewClient(token),
		t: t, teamID: w.Team.Id, listen: listen(w.Server, token),
	}
	t.Cleanup(u.listen.close)
	u.online()
	return u
}

// UserID returns the identifier of the person's account.
func (u *User) UserID() string { return u.Id }

// In returns the user as seen by another test, usually a subtest.
func (u *User) In(t testing.TB) *User {
	other := *u
	other.t = t
	return &other
}

// online waits until the person's websocket is connected, so that what an
// action brings about is not missed.
func (u *User) online() {
	u.t.Helper()
	u.wait("websocket of "+u.Username, u.listen.awaitHello)
}

// Post writes a message in a channel, and returns the post.
func (u *User) Post(channel *model.Channel, message string) *model.Post {
	u.t.Helper()
	return u.create(&model.Post{ChannelId: channel.Id, Message: message})
}

// Reply writes a message in the thread of a post.
func (u *User) Reply(to *model.Post, message string) *model.Post {
	u.t.Helper()
	return u.create(&model.Post{ChannelId: to.ChannelId, RootId: root(to), Message: message})
}

// DM writes a direct message.
func (u *User) DM(to Peer, message string) *model.Post {
	u.t.Helper()
	return u.Post(u.DMChannel(to), message)
}

// DMChannel returns the direct channel with someone.
func (u *User) DMChannel(with Peer) *model.Channel {
	u.t.Helper()
	var channel *model.Channel
	u.must("open a direct channel", func(ctx context.Context) (err error) {
		channel, _, err = u.Client.CreateDirectChannel(ctx, u.Id, with.UserID())
		return err
	})
	return channel
}

// create sends a post.
func (u *User) create(post *model.Post) *model.Post {
	u.t.Helper()
	u.online()
	var created *model.Post
	u.must("post", func(ctx context.Context) (err error) {
		created, _, err = u.Client.CreatePost(ctx, post)
		return err
	})
	return created
}

// Edit changes the text of the person's own post.
func (u *User) Edit(post *model.Post, message string) *model.Post {
	u.t.Helper()
	var edited *model.Post
	u.must("edit a post", func(ctx context.Context) (err error) {
		edited, _, err = u.Client.PatchPost(ctx, post.Id, &model.PostPatch{Message: &message})
		return err
	})
	return edited
}

// Delete deletes a post.
func (u *User) Delete(post *model.Post) {
	u.t.Helper()
	u.must("delete a post", func(ctx context.Context) error {
		_, err := u.Client.DeletePost(ctx, post.Id)
		return err
	})
}

// React adds a reaction, named without colons.
func (u *User) React(post *model.Post, emoji string) {
	u.t.Helper()
	u.must("react", func(ctx context.Context) error {
		_, _, err := u.Client.SaveReaction(ctx, &model.Reaction{UserId: u.Id, PostId: post.Id, EmojiName: emoji})
		return err
	})
}

// WaitReaction waits for someone's reaction to a post.
func (u *User) WaitReaction(post *model.Post, emoji string, by Peer) {
	u.t.Helper()
	u.wait("reaction :"+emoji+":", func(ctx context.Context) error {
		reactions, _, err := u.Client.GetReactions(ctx, post.Id)
		if err != nil {
			return err
		}
		for _, r := range reactions {
			if r.EmojiName == emoji && r.UserId == by.UserID() {
				return nil
			}
		}
		return fmt.Errorf("there are %d other reactions", len(reactions))
	})
}

// Files returns the content of a post's files by their names.
func (u *User) Files(post *model.Post) map[string][]byte {
	u.t.Helper()
	files := map[string][]byte{}
	u.must("read the files of a post", func(ctx context.Context) error {
		infos, _, err := u.Client.GetFileInfosForPost(ctx, post.Id, "")
		for _, info := range infos {
			content, _, errFile := u.Client.GetFile(ctx, info.Id)
			files[info.Name], err = content, errors.Join(err, errFile)
		}
		return err
	})
	return files
}

// Slash types a slash command in a channel.
func (u *User) Slash(channel *model.Channel, command string) *model.CommandResponse {
	u.t.Helper()
	answer, err := u.TrySlash(channel, command)
	if err != nil {
		u.t.Fatalf("%s: %s: %v", u.Username, command, err)
	}
	return answer
}

// TrySlash is Slash for a command that may fail. What a command answers in
// private arrives by the websocket: see WaitEphemeral.
func (u *User) TrySlash(channel *model.Channel, command string) (*model.CommandResponse, error) {
	u.t.Helper()
	u.online()
	ctx, cancel := call(u.t)
	defer cancel()
	answer, _, err := u.Client.ExecuteCommandWithTeam(ctx, channel.Id, u.teamID, command)
	return answer, err
}

// WaitEphemeral waits for a post that only this person sees. Each is
// returned once.
func (u *User) WaitEphemeral(match ...Match) *model.Post {
	u.t.Helper()
	var post *model.Post
	u.WaitEvent(model.WebsocketEventEphemeralMessage, func(event *model.WebSocketEvent) bool {
		var err error
		post, err = PostOf(event)
		return err == nil && All(match...)(post)
	})
	return post
}

// WaitEvent waits for a websocket event that match accepts. Each is returned
// once.
func (u *User) WaitEvent(kind model.WebsocketEventType, match func(*model.WebSocketEvent) bool) *model.WebSocketEvent {
	u.t.Helper()
	var event *model.WebSocketEvent
	u.wait("event "+string(kind), func(ctx context.Context) (err error) {
		event, err = u.listen.take(ctx, func(e *model.WebSocketEvent) bool {
			return e.EventType() == kind && match(e)
		})
		return err
	})
	return event
}

// PostOf returns the post that an event carries, as JSON in a string.
func PostOf(event *model.WebSocketEvent) (*model.Post, error) {
	text, ok := event.GetData()["post"].(string)
	if !ok {
		return nil, fmt.Errorf("the event %s carries no post", event.EventType())
	}
	var post model.Post
	if err := json.Unmarshal([]byte(text), &post); err != nil {
		return nil, fmt.Errorf("the post of an event %s: %w", event.EventType(), err)
	}
	return &post, nil
}

// must runs one request and ends the test if it fails.
func (u *User) must(what string, request func(context.Context) error) {
	u.t.Helper()
	ctx, cancel := call(u.t)
	defer cancel()
	if err := request(ctx); err != nil {
		u.t.Fatalf("%s: %s: %v", u.Username, what, err)
	}
}

// wait polls cond until it returns nil, and ends the test after the deadline.
func (u *User) wait(what string, cond func(context.Context) error) {
	u.t.Helper()
	ctx, cancel := context.WithTimeoutCause(u.t.Context(), waitTimeout, fmt.Errorf("waited %v", waitTimeout))
	defer cancel()
	if err := until(ctx, cond); err != nil {
		u.t.Fatalf("%s waits for %s: %v", u.Username, what, err)
	}
}

// root returns the identifier of the thread that a post is in or begins.
func root(post *model.Post) string {
	if post.RootId != "" {
		return post.RootId
	}
	return post.Id
}
