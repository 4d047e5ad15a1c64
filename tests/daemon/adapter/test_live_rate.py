"""The scope's continuous mode leaves PyRPL's pause between traces only where PyRPL has a window."""


def test_without_a_window_traces_follow_sooner_than_in_pyrpl(pyrpl):
    scope = pyrpl.rp.scope
    assert 3 * scope.MIN_DELAY_CONTINUOUS_MS < type(scope).MIN_DELAY_CONTINUOUS_MS == 40


def test_the_spectrum_analyzer_and_the_rolling_mode_keep_pyrpls_pause(pyrpl):
    scope, analyzer = pyrpl.rp.scope, pyrpl.spectrumanalyzer
    assert analyzer.MIN_DELAY_CONTINUOUS_MS == type(analyzer).MIN_DELAY_CONTINUOUS_MS
    assert scope.MIN_DELAY_CONTINUOUS_ROLLING_MS == type(scope).MIN_DELAY_CONTINUOUS_ROLLING_MS


def test_with_a_window_the_pause_is_pyrpls_own(start_board):
    scope = start_board(hostname="_FAKE_", gui=True).pyrpl.rp.scope
    assert scope.MIN_DELAY_CONTINUOUS_MS == type(scope).MIN_DELAY_CONTINUOUS_MS


def test_a_window_that_is_made_later_restores_pyrpls_pause(start_board):
    pyrpl = start_board(hostname="_FAKE_").pyrpl
    pyrpl.hide_gui()
    assert pyrpl.rp.scope.MIN_DELAY_CONTINUOUS_MS < 40
    pyrpl.show_gui()
    assert pyrpl.widgets
    assert pyrpl.rp.scope.MIN_DELAY_CONTINUOUS_MS == 40
