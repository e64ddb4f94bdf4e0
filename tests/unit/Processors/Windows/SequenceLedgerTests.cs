using Pipeline.Processors.Windows;

namespace Pipeline.Tests.Unit.Processors.Windows;

public sealed class SequenceLedgerTests
{
    private readonly SequenceLedger ledger = new();

    [Fact]
    public void What_arrives_in_order_leaves_nothing_missing()
    {
        for (int i = 1; i <= 50; i++) Assert.Equal(SequenceArrival.New, Take(i));
        Assert.Equal(0u, ledger.GiveUp(Time(100), 0));
    }

    [Fact]
    public void The_first_number_heard_may_be_any() =>
        Assert.Equal((SequenceArrival.New, SequenceArrival.New, 0u), (Take(5000), Take(5001), ledger.GiveUp(Time(9000), 0)));

    [Fact]
    public void Numbers_between_two_reports_are_given_up_once_when_all_around_them_is_final()
    {
        Take(1);
        Take(5);
        Assert.Equal(0u, ledger.GiveUp(Time(4), 0));
        Assert.Equal(3u, ledger.GiveUp(Time(5), 0));
        Assert.Equal(0u, ledger.GiveUp(Time(6), 0));
    }

    [Fact]
    public void What_comes_out_of_order_is_not_missing_and_what_comes_twice_is_repeated()
    {
        Take(1);
        Take(5);
        Assert.Equal((SequenceArrival.New, SequenceArrival.Repeated, SequenceArrival.New), (Take(3), Take(3), Take(2)));
        Assert.Equal(1u, ledger.GiveUp(Time(9), 0));
        Assert.Equal((SequenceArrival.Recovered, SequenceArrival.Repeated), (Take(4), Take(4)));
    }

    [Fact]
    public void Reports_before_the_first_that_was_heard_count_as_long_as_it_is_remembered()
    {
        Take(5);
        Assert.Equal(SequenceArrival.New, Take(2));
        Assert.Equal(2u, ledger.GiveUp(Time(5), Time(2)));
        Assert.Equal(0u, ledger.GiveUp(Time(9), Time(3)));
        Assert.Equal(SequenceArrival.Repeated, Take(1));
    }

    [Fact]
    public void Reports_of_before_a_restart_that_come_after_it_belong_to_the_old_numbering()
    {
        Take(1);
        Take(40);
        ledger.Take(1, Time(50));
        Assert.Equal((SequenceArrival.New, SequenceArrival.Repeated, SequenceArrival.Repeated), (ledger.Take(43, Time(43)), ledger.Take(43, Time(43)), ledger.Take(40, Time(40))));
        Assert.Equal(SequenceArrival.New, ledger.Take(2, Time(51)));
        Assert.Equal(38u + 2, ledger.GiveUp(Time(60), 0));
    }

    [Fact]
    public void An_agent_that_begins_anew_has_lost_nothing_and_its_old_reports_are_told_from_its_new_ones()
    {
        Take(1);
        Take(40);
        // Started again at time 41: numbers 1, 2, 4 at times 41, 42, 44.
        Assert.Equal(SequenceArrival.New, ledger.Take(1, Time(41)));
        Assert.Equal(SequenceArrival.New, ledger.Take(4, Time(44)));
        Assert.Equal(40u, ledger.GiveUp(Time(50), 0));
        Assert.Equal(SequenceArrival.Recovered, ledger.Take(3, Time(3)));
        Assert.Equal(SequenceArrival.Recovered, ledger.Take(3, Time(43)));
        Assert.Equal(SequenceArrival.Repeated, ledger.Take(3, Time(43)));
    }

    [Fact]
    public void Reports_without_a_number_are_never_missing()
    {
        Assert.Equal((SequenceArrival.New, SequenceArrival.New), (ledger.Take(0, Time(1)), ledger.Take(0, Time(9))));
        Assert.Equal(0u, ledger.GiveUp(Time(10), 0));
        Assert.Null(ledger.Write());
    }

    [Fact]
    public void Of_more_gaps_than_are_remembered_the_oldest_are_given_up_at_once()
    {
        for (int i = 0; i < 40; i++) Take(1 + (2 * i));
        Assert.Equal(39u, ledger.GiveUp(Time(200), 0));
        Assert.Equal(SequenceLedger.GapsMax, ledger.Write()!.Gaps.Count);
        Assert.Equal((SequenceArrival.Repeated, SequenceArrival.Recovered), (Take(2), Take(78)));
    }

    [Fact]
    public void Gaps_are_forgotten_with_time()
    {
        Take(1);
        Take(3);
        ledger.GiveUp(Time(10), Time(5));
        Assert.Equal(SequenceArrival.Repeated, Take(2));
    }

    [Fact]
    public void What_is_written_and_restored_goes_on_alike()
    {
        Random random = new(1);
        SequenceLedger one = new(), other = new();
        long time = 0;
        ulong number = 0;
        for (int i = 0; i < 5000; i++)
        {
            number = random.Next(100) == 0 ? 1 : number + 1 + (ulong)(random.Next(10) == 0 ? random.Next(3) : 0);
            time += 10;
            int back = random.Next(4) == 0 ? random.Next((int)Math.Min(number, 30)) : 0;
            (ulong, long) report = (number - (ulong)back, time - (10 * back));
            Assert.Equal(one.Take(report.Item1, report.Item2), other.Take(report.Item1, report.Item2));
            if (i % 7 != 0) continue;
            Assert.Equal(one.GiveUp(time - 100, time - 2000), other.GiveUp(time - 100, time - 2000));
            SequenceLedger again = new();
            again.Restore(other.Write());
            other = again;
            Assert.Equal(one.Write(), other.Write());
        }
    }

    private SequenceArrival Take(int number) => ledger.Take((ulong)number, Time(number));

    private static long Time(int number) => 1000L * number;
}
