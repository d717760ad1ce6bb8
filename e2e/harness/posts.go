package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// Match tells whether a post is the one that is waited for.
type Match func(*model.Post) bool

// Contains accepts a post that shows all the given texts, in its message or
// in its attachments.
func Contains(texts ...string) Match {
	return func(post *model.Post) bool {
		shown := Text(post)
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(shown, text) })
	}
}

// By accepts a post that someone wrote.
func By(author Peer) Match {
	return func(post *model.Post) bool { return post.UserId == author.UserID() }
}

// HasButton accepts a post with a button or menu of this label.
func HasButton(label string) Match {
	return func(post *model.Post) bool { return action(post, label) != nil }
}

// All accepts a post that every one of its matches accepts; any, if none.
func All(matches ...Match) Match {
	return func(post *model.Post) bool {
		return !slices.ContainsFunc(matches, func(match Match) bool { return !match(post) })
	}
}

// Text returns what a person reads in a post: its message, then the texts of
// its attachments and the labels of its buttons in square brackets.
func Text(post *model.Post) string {
	lines := []string{post.Message}
	for _, a := range post.Attachments() {
		lines = append(lines, a.Pretext, a.Title, a.Text)
		for _, field := range a.Fields {
			lines = append(lines, fmt.Sprintf("%s: %v", field.Title, field.Value))
		}
		for _, action := range a.Actions {
			lines = append(lines, "["+action.Name+"]")
		}
		lines = append(lines, a.Footer)
	}
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "\n")
}

// Thread returns a thread's posts, oldest first, the first of all included.
func (u *User) Thread(of *model.Post) []*model.Post {
	u.t.Helper()
	var posts []*model.Post
	u.must("read a thread", func(ctx context.Context) (err error) {
		posts, err = u.thread(ctx, of)
		return err
	})
	return posts
}

// thread reads a thread.
func (u *User) thread(ctx context.Context, of *model.Post) ([]*model.Post, error) {
	list, _, err := u.Client.GetPostThread(ctx, root(of), "", false)
	if err != nil {
		return nil, err
	}
	return sorted(list), nil
}

// WaitThread waits until a condition on a whole thread holds.
func (u *User) WaitThread(of *model.Post, holds func([]*model.Post) bool) []*model.Post {
	u.t.Helper()
	var posts []*model.Post
	u.wait("a thread", func(ctx context.Context) (err error) {
		if posts, err = u.thread(ctx, of); err != nil {
			return err
		}
		if !holds(posts) {
			return fmt.Errorf("it reads:\n%s", transcript(posts))
		}
		return nil
	})
	return posts
}

// WaitReply waits for someone else's post in the thread of a post, written
// after it.
func (u *User) WaitReply(to *model.Post, match ...Match) *model.Post {
	u.t.Helper()
	var reply *model.Post
	u.WaitThread(to, func(posts []*model.Post) bool {
		for _, post := range posts {
			if post.Id != to.Id && post.CreateAt >= to.CreateAt && post.UserId != u.Id && All(match...)(post) {
				reply = post
				return true
			}
		}
		return false
	})
	return reply
}

// Recent returns the newest posts of a channel, oldest first, replies
// included.
func (u *User) Recent(channel *model.Channel) []*model.Post {
	u.t.Helper()
	var posts []*model.Post
	u.must("read a channel", func(ctx context.Context) (err error) {
		posts, err = u.recent(ctx, channel)
		return err
	})
	return posts
}

// recent reads the newest posts of a channel.
func (u *User) recent(ctx context.Context, channel *model.Channel) ([]*model.Post, error) {
	list, _, err := u.Client.GetPostsForChannel(ctx, channel.Id, 0, 60, "", false, false)
	if err != nil {
		return nil, err
	}
	return sorted(list), nil
}

// WaitPost waits for a post in a channel, and returns the oldest of those
// that match.
func (u *User) WaitPost(channel *model.Channel, match ...Match) *model.Post {
	u.t.Helper()
	var found *model.Post
	u.wait("a post in "+channel.Name, func(ctx context.Context) error {
		posts, err := u.recent(ctx, channel)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(posts, All(match...))
		if i < 0 {
			return fmt.Errorf("it reads:\n%s", transcript(posts))
		}
		found = posts[i]
		return nil
	})
	return found
}

// WaitUpdate waits until a post, edited by its author, matches.
func (u *User) WaitUpdate(post *model.Post, match ...Match) *model.Post {
	u.t.Helper()
	var updated *model.Post
	u.wait("an update of a post", func(ctx context.Context) (err error) {
		if updated, _, err = u.Client.GetPost(ctx, post.Id, ""); err != nil {
			return err
		}
		if !All(match...)(updated) {
			return fmt.Errorf("it reads:\n%s", transcript([]*model.Post{updated}))
		}
		return nil
	})
	return updated
}

// WaitGone waits until a post is deleted.
func (u *User) WaitGone(post *model.Post) {
	u.t.Helper()
	u.wait("the deletion of a post", func(ctx context.Context) error {
		_, resp, err := u.Client.GetPost(ctx, post.Id, "")
		switch {
		case err == nil:
			return errors.New("it is still there")
		case resp != nil && resp.StatusCode == http.StatusNotFound:
			return nil
		default:
			return err
		}
	})
}

// sorted returns the posts of a list, oldest first and each once: the
// server's own order of a thread names its first post twice.
func sorted(list *model.PostList) []*model.Post {
	return slices.SortedFunc(maps.Values(list.Posts), func(a, b *model.Post) int {
		return cmp.Or(cmp.Compare(a.CreateAt, b.CreateAt), cmp.Compare(a.RootId, b.RootId))
	})
}

// transcript writes posts for the message of a failed test.
func transcript(posts []*model.Post) string {
	var b strings.Builder
	for _, post := range posts {
		fmt.Fprintf(&b, "  %s: %s\n", post.UserId, strings.ReplaceAll(Text(post), "\n", "\n      "))
	}
	return b.String()
}
