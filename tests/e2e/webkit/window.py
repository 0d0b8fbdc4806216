#!/usr/bin/python3
"""A WebKitGTK browser for the fault bench, driven by WebKitWebDriver.

Like WebKitGTK's own MiniBrowser with --automation, except that what pages keep
is kept in the folder that is named by the first argument, so that it is still
there after the browser was killed.
"""

import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402


def context_in(folder):
    """Where pages live, with everything that they keep in a folder."""
    manager = WebKit2.WebsiteDataManager(
        base_data_directory=os.path.join(folder, "data"),
        base_cache_directory=os.path.join(folder, "cache"),
    )
    manager.get_cookie_manager().set_persistent_storage(
        os.path.join(folder, "cookies"), WebKit2.CookiePersistentStorage.SQLITE
    )
    context = WebKit2.WebContext(website_data_manager=manager)
    context.set_automation_allowed(True)
    return context


def open_window(context):
    """A window with one page, which goes when its page is closed."""
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    window = Gtk.Window()
    window.set_default_size(1280, 900)
    window.add(view)
    window.show_all()
    view.connect("close", lambda _: window.destroy())
    return view


def started(context, session):
    """The driver asks who is there, and for a page for each tab."""
    info = WebKit2.ApplicationInfo()
    info.set_name("MiniBrowser")
    info.set_version(
        WebKit2.get_major_version(),
        WebKit2.get_minor_version(),
        WebKit2.get_micro_version(),
    )
    session.set_application_info(info)
    session.connect("create-web-view", lambda _: open_window(context))


def main():
    """Waits for the driver, and ends with it."""
    context = context_in(sys.argv[1])
    context.connect("automation-started", started)
    Gtk.main()


main()
