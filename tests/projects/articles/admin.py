"""Articles in the admin, with their polls on their own page."""

from django.contrib import admin

from django_polls.admin import AttachedPollsInline
from tests.projects.articles.models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    inlines = [AttachedPollsInline]
