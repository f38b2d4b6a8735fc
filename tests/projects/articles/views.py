"""The page of an article."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tests.projects.articles.models import Article


def article(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an article with its polls."""
    return render(request, "article.html", {"article": get_object_or_404(Article, pk=pk)})
