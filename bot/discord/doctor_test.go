package discord

import (
	"strings"
	"testing"
)

func (r *rig) examine(change func(*Options)) string {
	r.t.Helper()
	o := Options{
		Token: r.Token, Guild: r.ID, RecruitersRole: "Recruteurs", RecruitersChannel: "recruteurs", Channels: []string{"recrutement"},
		TeamChannels: []string{"recruteurs"},
	}
	if change != nil {
		change(&o)
	}
	p, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range p.Doctor(r.t.Context()) {
		if !c.OK {
			b.WriteString("problem ")
			if c.Problem == "" || c.Do == "" {
				r.t.Errorf("%q does not say what is wrong and what to do: %+v", c.What, c)
			}
		}
		b.WriteString(c.What + ": " + c.Problem + " → " + c.Do + "\n")
	}
	return b.String()
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	r := prepare(t)
	if got := r.examine(nil); strings.Contains(got, "problem") || !strings.Contains(got, "message content") {
		t.Errorf("a healthy bot:\n%s", got)
	}
	r.Hidden("ferme")
	for what, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"token":      {func(o *Options) { o.Token = "wrong" }, "refuses the token"},
		"server":     {func(o *Options) { o.Guild = "elsewhere" }, "invite the bot with https://discord.com/oauth2"},
		"role":       {func(o *Options) { o.RecruitersRole = "Personne" }, "no role"},
		"channel":    {func(o *Options) { o.Channels = []string{"nulle-part"} }, "no such channel"},
		"rights":     {func(o *Options) { o.TeamChannels = []string{"ferme"} }, "“View Channel”"},
		"public":     {func(o *Options) { o.TeamChannels = []string{"recrutement"} }, "everybody on the server reads it"},
		"recruiters": {func(o *Options) { o.RecruitersChannel = "recrutement" }, "everybody on the server reads it"},
	} {
		if got := r.examine(c.change); !strings.Contains(got, "problem") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in\n%s", what, c.want, got)
		}
	}
	r.SetContentIntent(false)
	if got := r.examine(nil); strings.Contains(got, "problem") || !strings.Contains(got, "Message Content Intent") {
		t.Errorf("without the intent:\n%s", got)
	}
}
