# SPDX-License-Identifier: Apache-2.0
#
# No false alarm: where every limit of a flood is as low as it can be and never
# refills, curl, nghttp, h2load with more streams than it may open, python3-h2
# and 1 GiB each way are served whole, and the log names no limit.

use strict;
use warnings;

use H2X;
use H2X::Engine;
use H2X::Process qw(run_program);
use Test::More;

only_h2x('limits');
need qw(curl nghttp h2load);

# Clients send SETTINGS, their ACKs, PINGs and PRIORITY; they open windows
# without a DATA frame before; and curl sends a tiny piece now and then.
my %bursts = (
    ResetsBurst => 1, ErrorsBurst => 1, ControlsBurst => 10,
    WindowUpdatesBurst => 2, EmptyFramesBurst => 1, SmallDataBurst => 1000,
    ResetsPerSecond => 0, ErrorsPerMinute => 0, ControlsPerSecond => 0,
    WindowUpdatesPerSecond => 0, EmptyFramesPerSecond => 0,
    SmallDataPerSecond => 0,
);
my $gib = 1 << 30;
my $docs = var('documentroot');
my $httpd = engine(workers => 16, conf => join "\n",
    map { "H2Limit$_ $bursts{$_}" } sort keys %bursts);

for my $tls (tls_ways()) {
    my $how = $tls ? 'h2' : 'h2c';
    my $base = $tls ? "https://127.0.0.1:$httpd->{port2}" : $httpd->url('');

    # curl: side by side, and what is large.
    my @urls = map { "$base/10k.bin?$_" } 1 .. 50;
    my %run = run_program(['curl', '--silent', '--insecure', '--parallel',
        '--parallel-immediate', $tls ? '--http2' : '--http2-prior-knowledge',
        '--write-out', '%{http_code} ', map { ('--output', '/dev/null', $_) }
        @urls], timeout => 100);
    is $run{out}, '200 ' x 50, "$how: curl, 50 files at once";
    is curl($how, "$base/read", '--header', 'Expect:', '--request', 'POST',
        '--upload-file', "$docs/1g.bin")->{body}, "read $gib\n",
        "$how: curl sends 1 GiB";
    %run = run_program(['curl', '--silent', '--insecure', '--output',
        '/dev/null', $tls ? '--http2' : '--http2-prior-knowledge',
        '--write-out', '%{http_code} %{size_download}', "$base/1g.bin"],
        timeout => 140);
    is $run{out}, "200 $gib", "$how: curl takes 1 GiB";

    # nghttp: with PRIORITY frames, an upload and a large window.
    %run = run_program(['nghttp', '--no-verify-peer', '--null-out', '--stat',
        '--window-bits=24', '--connection-window-bits=24', @urls],
        timeout => 100);
    is $run{status}, 0, "$how: nghttp, 50 files";
    is scalar(() = $run{out} =~ / 200 +10K /g), 50, "$how: each of them";
    %run = run_program(['nghttp', '--no-verify-peer',
        "--data=$docs/100k.bin", "$base/read"], timeout => 100);
    is $run{out}, "read 102400\n", "$how: nghttp sends 100 KB";

    # h2load: far more streams than it may open at a time.
    %run = run_program(['h2load', '-n', 8000, '-c', 4, '-m', 1000,
        "$base/100.txt"], timeout => 140);
    like $run{out}, qr/\b8000 succeeded, 0 failed, 0 errored/,
        "$how: h2load -m 1000" or diag $run{out};
    %run = run_program(['h2load', '-n', 400, '-c', 4, '-m', 1000, '-d',
        "$docs/10k.bin", "$base/read"], timeout => 140);
    like $run{out}, qr/\b400 succeeded, 0 failed, 0 errored/,
        "$how: h2load -m 1000, uploads" or diag $run{out};

    client('honest.py', 'mixed', $tls ? $httpd->{port2} : $httpd->{port},
        $tls);
}

unlike $httpd->log_text, qr/H2X0704|too (?:many|often)/,
    'the log names no limit';
is_well($httpd);
done_testing;
