%% Two Erlang nodes with OTP's own distribution over TLS, certificates on both sides: what a link between two nodes of
%% Skep is held against.
%%
%% The sender is the node that is started; it starts the receiver, which ends with it. A batch is a list of binaries,
%% made anew. The sender keeps a window of messages in flight; the receiver looks at every record and confirms them
%% batch by batch, single ones 256 at a time.
%%
%% Usage: erl <distribution options> -s erlang_tls main -extra --work batched|single|round-trip|bulk
%%            --distribution OPTIONS_OF_THE_RECEIVER [--milliseconds N] [--warm-up-milliseconds N] [--window N]
%% The window is in batches, or payloads. Prints as bench/two_nodes.py has it.
-module(erlang_tls).
-export([main/0, receiver/2]).

-define(RECORD_BYTES, 100).
-define(BATCH_RECORDS, 256).
-define(BULK_BYTES, 65536).
-define(SECONDS_MAX, 60).

main() ->
    try play(options(init:get_plain_arguments(), #{})) of
        ok -> halt(0)
    catch
        Class:Reason:Stack ->
            io:format(standard_error, "erlang_tls: ~p ~p~n~p~n", [Class, Reason, Stack]),
            halt(1)
    end.

options(["--" ++ Name, Value | Rest], Options) -> options(Rest, Options#{Name => Value});
options([], Options) -> Options.

number(Name, Options, Default) -> list_to_integer(maps:get(Name, Options, integer_to_list(Default))).

play(Options) ->
    Work = list_to_existing_atom(maps:get("work", Options)),
    Times = {number("warm-up-milliseconds", Options, 500), number("milliseconds", Options, 2000)},
    {ok, _} = timer:kill_after(?SECONDS_MAX * 1000 + element(1, Times) + element(2, Times)),
    {ok, Control, Node} = peer:start_link(#{name => receiver, host => "localhost", connection => standard_io,
                                            args => string:lexemes(maps:get("distribution", Options), " ")}),
    true = net_kernel:connect_node(Node),
    Receiver = spawn_link(Node, ?MODULE, receiver, [self(), Work]),
    print(Work, measure(Work, Receiver, Times, number("window", Options, 16))),
    peer:stop(Control).

print('round-trip', Samples) ->
    Sorted = lists:sort(Samples),
    At = fun(Share) -> lists:nth(1 + trunc(Share * (length(Sorted) - 1)), Sorted) / 1000 end,
    io:format("{\"p50_us\": ~.3f, \"p99_us\": ~.3f}~n", [At(0.5), At(0.99)]);
print(batched, Rate) -> io:format("{\"records_per_s\": ~.1f}~n", [Rate * ?BATCH_RECORDS]);
print(single, Rate) -> io:format("{\"messages_per_s\": ~.1f}~n", [Rate]);
print(bulk, Rate) -> io:format("{\"megabytes_per_s\": ~.3f}~n", [Rate * ?BULK_BYTES / 1.0e6]).

%% The receiver, on the other node.

receiver(Sender, 'round-trip') ->
    receive
        Record ->
            check(Record, ?RECORD_BYTES),
            Sender ! Record,
            receiver(Sender, 'round-trip')
    end;
receiver(Sender, Work) -> receiver(Sender, Work, confirmed(Work)).

receiver(Sender, Work, 0) ->
    Sender ! confirmed,
    receiver(Sender, Work, confirmed(Work));
receiver(Sender, Work, Left) ->
    receive
        Batch when is_list(Batch) -> ?BATCH_RECORDS = check_all(Batch, 0);
        One when Work =:= bulk -> check(One, ?BULK_BYTES);
        One -> check(One, ?RECORD_BYTES)
    end,
    receiver(Sender, Work, Left - 1).

check_all([], Count) -> Count;
check_all([Record | Rest], Count) ->
    check(Record, ?RECORD_BYTES),
    check_all(Rest, Count + 1).

check(<<$x, _/binary>> = Bytes, Size) when byte_size(Bytes) =:= Size -> ok.

%% How many messages the receiver confirms at once.
confirmed(single) -> ?BATCH_RECORDS;
confirmed(_) -> 1.

%% The sender.

measure('round-trip', Receiver, {WarmUp, Time}, _) ->
    ping(Receiver, binary:copy(<<"x">>, ?RECORD_BYTES), now_ns() + WarmUp * 1000000, []),
    ping(Receiver, binary:copy(<<"x">>, ?RECORD_BYTES), now_ns() + Time * 1000000, []);
measure(Work, Receiver, {WarmUp, Time}, Window) ->
    Size = case Work of bulk -> ?BULK_BYTES; _ -> ?RECORD_BYTES end,
    Bytes = binary:copy(<<"x">>, Size),
    [send(Work, Receiver, Bytes) || _ <- lists:seq(1, Window)],
    _ = keep_sending(Work, Receiver, Bytes, now_ns() + WarmUp * 1000000, 0),
    Start = now_ns(),
    Confirmed = keep_sending(Work, Receiver, Bytes, Start + Time * 1000000, 0),
    Confirmed * confirmed(Work) * 1.0e9 / (now_ns() - Start).

keep_sending(Work, Receiver, Bytes, End, Confirmed) ->
    receive confirmed -> ok end,
    send(Work, Receiver, Bytes),
    case now_ns() < End of
        true -> keep_sending(Work, Receiver, Bytes, End, Confirmed + 1);
        false -> Confirmed + 1
    end.

%% As much as is confirmed at once.
send(batched, Receiver, Record) -> Receiver ! lists:duplicate(?BATCH_RECORDS, Record);
send(bulk, Receiver, Payload) -> Receiver ! Payload;
send(single, Receiver, Record) -> send_times(Receiver, Record, ?BATCH_RECORDS).

send_times(_, _, 0) -> ok;
send_times(Receiver, Record, Times) ->
    Receiver ! Record,
    send_times(Receiver, Record, Times - 1).

ping(Receiver, Record, End, Samples) ->
    Sent = now_ns(),
    Receiver ! Record,
    receive Record -> ok end,
    Now = now_ns(),
    case Now < End of
        true -> ping(Receiver, Record, End, [Now - Sent | Samples]);
        false -> [Now - Sent | Samples]
    end.

now_ns() -> erlang:monotonic_time(nanosecond).
