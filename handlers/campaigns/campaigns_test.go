package campaigns_test

import (
	"testing"
	"time"

	"candide/bot"
	"candide/faq"
	"candide/handlers/campaigns"
	"candide/handlers/handlertest"
)

func TestSet(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	first := campaigns.New(handlertest.Index{Of: &faq.FAQ{ID: "one", Zone: paris}}, []string{"recrutement"}, "equipe", nil)
	second := campaigns.New(handlertest.Index{Of: &faq.FAQ{ID: "two", Zone: paris}}, []string{"autre", "recrutement"}, "", time.UTC)
	set := campaigns.NewSet(first, second)
	for name, want := range map[string]*campaigns.Campaign{"recrutement": first, "autre": second, "cantine": first, "": first} {
		if got := set.In(bot.Place{Name: name}); got != want {
			t.Errorf("in %q: %s", name, got.FAQ().ID)
		}
	}
	for id, want := range map[string]*campaigns.Campaign{"one": first, "two": second, "renamed": first} {
		if got := set.ByID(id); got != want {
			t.Errorf("with the id %q: %s", id, got.FAQ().ID)
		}
	}
	if set.First() != first || first.Zone != paris || second.Zone != time.UTC {
		t.Errorf("first %v, zones %s and %s", set.First() == first, first.Zone, second.Zone)
	}
	// A direct conversation has no name, and a campaign without channels is no reason to take it for one.
	if got := campaigns.NewSet(second, campaigns.New(handlertest.Index{Of: &faq.FAQ{ID: "three"}}, []string{""}, "", paris)).In(bot.Place{}); got != second {
		t.Errorf("in a direct conversation: %s", got.FAQ().ID)
	}
	first.Use(handlertest.Index{Of: &faq.FAQ{ID: "edited", Zone: paris}})
	if set.ByID("edited") != first || set.First().FAQ().ID != "edited" {
		t.Error("the edited FAQ did not take over")
	}
}
