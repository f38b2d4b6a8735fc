"""Articles carry polls: on their pages, in the admin, and beyond their own end."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_polls.exceptions import InvalidPoll
from django_polls.lifecycle import OptionDraft, PollDraft, copy_poll, create_poll
from django_polls.models import Poll, Vote
from tests.projects.articles.models import Article
from tests.projects.forms import Form
from tests.projects.people import administrator, guest, logged_in, member
from tests.projects.polls import make_poll

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = [OptionDraft("Soup"), OptionDraft("Salad")]
CHANGE = "admin:articles_article_change"


def draft(title: str = "Lunch", **fields: object) -> PollDraft:
    return PollDraft({"title": title, **fields}, OPTIONS)


@pytest.fixture
def article() -> Article:
    return Article._default_manager.create(title="On soup")


def editor(*codenames: str) -> Client:
    """Return the browser of somebody with these permissions in the admin."""
    user = member("eva", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return logged_in(user)


def test_polls_of_an_article_are_its_own(article: Article) -> None:
    other = Article._default_manager.create(title="On salad")
    first, second = create_poll(draft(), attached_to=article), create_poll(draft(), attached_to=article)
    elsewhere, alone = create_poll(draft(), attached_to=other), create_poll(draft())

    assert set(Poll.objects.attached_to(article)) == set(article.polls.all()) == {first, second}
    assert (first.attached_to, elsewhere.attached_to, alone.attached_to) == (article, other, None)


def test_copy_of_a_poll_is_attached_to_the_same_article(article: Article) -> None:
    copy = copy_poll(create_poll(draft(), attached_to=article))

    assert Poll.objects.get(pk=copy.pk).attached_to == article


def test_poll_is_attached_to_nothing_that_is_not_stored() -> None:
    with pytest.raises(InvalidPoll) as refused:
        create_poll(draft(), attached_to=Article(title="New"))

    assert refused.value.errors == {"attached_to": ["Save what the poll is attached to first."]}
    assert Poll.objects.count() == 0


def test_polls_outlive_their_article(article: Article) -> None:
    poll = create_poll(draft(), attached_to=article)
    guest(1).post(reverse("django_polls_api:poll-vote", args=[poll.pk]), {"option_id": poll.options.first().pk})

    key = article.pk
    article.delete()
    # Under the same key, as SQLite gives it again by itself.
    other = Article._default_manager.create(pk=key, title="On salad")

    assert (Poll.objects.get(), Vote.objects.count()) == (poll, 1)
    assert (list(Poll.objects.attached_to(other)), Poll.objects.get().attached_to) == ([], None)


def test_reader_votes_on_the_page_of_an_article_and_comes_back_to_it(article: Article) -> None:
    poll = create_poll(draft(), attached_to=article)
    create_poll(draft("Not ready", is_draft=True), attached_to=article)
    page = guest(1).get(article.get_absolute_url()).content.decode()

    paper = Form(page).values | {"option": str(poll.options.first().pk)}
    answer = guest(1).post(reverse("django_polls:poll-vote", args=[poll.pk]), paper)

    assert re.findall(r"<h2><bdi>(.*)</bdi>", page) == ["Lunch"]
    assert (answer.status_code, answer["Location"]) == (302, article.get_absolute_url())
    assert poll.options.first().vote_count == 1


def test_page_of_an_article_in_the_admin_lists_its_polls(article: Article) -> None:
    polls = [
        create_poll(draft("Hidden", visibility="never"), attached_to=article),
        create_poll(draft("<b>Shown</b>"), attached_to=article),
    ]
    make_poll(title="Elsewhere")
    for poll in polls:
        guest(1).post(reverse("django_polls_api:poll-vote", args=[poll.pk]), {"option_id": poll.options.first().pk})

    page = logged_in(administrator()).get(reverse(CHANGE, args=[article.pk])).content.decode()

    rows = re.findall(r'<a href="(.*)"><bdi>(.*)</bdi></a></td>\s*<td>(.*)</td>\s*<td>(?:<[^>]*>)?(.*?)<', page)
    links = [reverse("admin:django_polls_poll_change", args=[poll.pk]) for poll in reversed(polls)]
    assert rows == [
        (links[0], "&lt;b&gt;Shown&lt;/b&gt;", "Open", "1"),
        (links[1], "Hidden", "Open", "hidden"),
    ]


def test_list_costs_the_same_for_any_number_of_polls(article: Article) -> None:
    browser, path = logged_in(administrator()), reverse(CHANGE, args=[article.pk])
    browser.get(path)
    counts = []

    for _ in (1, 3):
        create_poll(draft(), attached_to=article)
        with CaptureQueriesContext(connection) as captured:
            browser.get(path)
        counts.append(len([query for query in captured if "django_polls" in query["sql"]]))
        create_poll(draft(), attached_to=article)

    assert counts == [2, 2]


def test_drafts_are_listed_to_those_who_may_see_them(article: Article) -> None:
    create_poll(draft("Not ready", is_draft=True), attached_to=article)
    browsers = (logged_in(administrator()), editor("change_article", "view_poll"))

    pages = [browser.get(reverse(CHANGE, args=[article.pk])).content.decode() for browser in browsers]

    assert [("Not ready" in page, "None yet." in page) for page in pages] == [(True, False), (False, True)]


def test_saving_an_article_leaves_its_polls_alone(article: Article) -> None:
    browser, path = logged_in(administrator()), reverse(CHANGE, args=[article.pk])
    create_poll(draft(), attached_to=article)
    shown = Form(browser.get(path).content.decode()).values
    create_poll(draft("Meanwhile"), attached_to=article)
    before = list(Poll.objects.order_by("pk").values_list("pk", "title", "revision"))

    answer = browser.post(path, shown | {"title": "On broth"})

    assert (answer.status_code, Article._default_manager.get().title) == (302, "On broth")
    assert list(Poll.objects.order_by("pk").values_list("pk", "title", "revision")) == before


def test_poll_is_added_to_an_article_in_the_admin(article: Article) -> None:
    browser = logged_in(administrator())
    page = browser.get(reverse(CHANGE, args=[article.pk])).content.decode()
    (path,) = re.findall(r'class="addlink" href="(.*)"', page)
    path = path.replace("&amp;", "&")
    blank = browser.get(path).content.decode()
    wanted = {"title": "Dinner", "options-0-text": "Soup", "options-1-text": "Salad", "options-TOTAL_FORMS": "2"}

    answer = browser.post(path, Form(blank).values | wanted)

    assert "<h2>For On soup</h2>" in blank
    assert answer.status_code == 302
    assert [(poll.title, poll.options.count()) for poll in article.polls.all()] == [("Dinner", 2)]


def test_new_article_has_no_list_of_polls_yet() -> None:
    page = logged_in(administrator()).get(reverse("admin:articles_article_add")).content.decode()

    assert "Add a poll" not in page


def test_link_to_add_a_poll_is_for_those_who_may(article: Article) -> None:
    page = editor("change_article", "view_poll").get(reverse(CHANGE, args=[article.pk])).content.decode()

    assert ("None yet." in page, "Add a poll" in page) == (True, False)


def test_list_of_polls_is_for_those_who_may_look_at_polls(article: Article) -> None:
    create_poll(draft(), attached_to=article)

    page = editor("change_article").get(reverse(CHANGE, args=[article.pk])).content.decode()

    assert ("On soup" in page, "Lunch" in page) == (True, False)


def test_poll_is_added_to_nothing_that_the_editor_may_not_change(article: Article) -> None:
    kind = ContentType.objects.get_for_model(Article).pk
    users = ContentType.objects.get_for_model(Permission).pk
    path = reverse("admin:django_polls_poll_add")
    wrong = [(kind, 9999), (kind, "x"), (kind, ""), (users, 1), ("9" * 30, 1), ("x", 1), ("", 1), ("\x00", "\x00")]
    administrators, bystander = logged_in(administrator()), editor("add_poll", "view_poll")

    answers = [administrators.get(path, {"attached_type": str(a), "attached_id": str(b)}).status_code for a, b in wrong]
    refused = bystander.post(f"{path}?attached_type={kind}&attached_id={article.pk}", {"title": "Mine"})

    assert answers == [403] * len(wrong)
    assert (refused.status_code, Poll.objects.count()) == (403, 0)
