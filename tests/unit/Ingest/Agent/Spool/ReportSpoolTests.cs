using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Agent.Spool;

namespace Pipeline.Tests.Unit.Ingest.Agent.Spool;

public sealed class ReportSpoolTests : IDisposable
{
    private readonly SpoolFolder folder = new();

    [Fact]
    public void What_was_not_acknowledged_is_there_after_a_restart_byte_for_byte_and_numbers_go_on()
    {
        List<SpooledReport> all = [];
        using (ReportSpool spool = folder.Open())
        {
            for (int i = 0; i < 10; i++) all.Add(SpoolFolder.Append(spool, size: i * 100));
            foreach (ulong number in (ulong[])[1, 2, 5, 10]) spool.Settle(number);
        }
        using ReportSpool again = folder.Open();

        Assert.Equal((11UL, 0UL, 6), (again.NextSequence, again.Dropped, again.Waiting));
        SpooledReport[] waiting = [.. again.Oldest(100, _ => true)];
        Assert.Equal([3UL, 4, 6, 7, 8, 9], waiting.Select(w => w.Sequence));
        Assert.All(waiting, w => Assert.Equivalent(all[(int)w.Sequence - 1], w));
    }

    [Fact]
    public void Numbers_go_on_when_everything_was_acknowledged_and_its_file_is_gone()
    {
        for (int life = 0; life < 20; life++)
        {
            using ReportSpool spool = folder.Open(SpoolOptions.BytesLeast);
            Assert.Equal((ulong)(life * 300) + 1, spool.NextSequence);
            for (int i = 0; i < 300; i++) spool.Settle(SpoolFolder.Append(spool).Sequence);
            Assert.Equal(0, spool.Waiting);
            Assert.True(spool.Bytes < SpoolOptions.BytesLeast / 4, $"{spool.Bytes} bytes are kept of nothing");
        }
    }

    [Fact]
    public void A_full_spool_gives_up_the_oldest_counts_them_and_never_grows_beyond_its_size()
    {
        using ReportSpool spool = folder.Open(SpoolOptions.BytesLeast);
        for (int i = 0; i < 2000; i++)
        {
            SpoolFolder.Append(spool, size: 200);
            Assert.True(folder.Files.Sum(f => new FileInfo(f).Length) <= SpoolOptions.BytesLeast);
        }
        ulong[] waiting = SpoolFolder.Numbers(spool);

        Assert.Equal(2000UL - spool.Dropped, (ulong)waiting.Length);
        Assert.Equal(Enumerable.Range((int)spool.Dropped + 1, waiting.Length).Select(i => (ulong)i), waiting);
        Assert.True(waiting.Length > 150, $"only {waiting.Length} are kept");
    }

    [Fact]
    public void What_was_given_up_is_counted_over_restarts()
    {
        ulong dropped;
        using (ReportSpool spool = folder.Open(SpoolOptions.BytesLeast))
        {
            for (int i = 0; i < 1000; i++) SpoolFolder.Append(spool, size: 200);
            dropped = spool.Dropped;
        }
        for (int life = 0; life < 3; life++)
        {
            using ReportSpool again = folder.Open(SpoolOptions.BytesLeast);
            Assert.Equal((dropped, 1001UL, 1000 - (int)dropped), (again.Dropped, again.NextSequence, again.Waiting));
        }
        Assert.True(dropped > 0);
    }

    [Fact]
    public void Reports_that_are_too_old_are_given_up()
    {
        using (ReportSpool spool = folder.Open(age: TimeSpan.FromMinutes(1)))
        {
            for (int i = 0; i < 10; i++) SpoolFolder.Append(spool);
            spool.DropOld(SpoolFolder.Start + 110_000);
            Assert.Equal([5UL, 6, 7, 8, 9, 10], SpoolFolder.Numbers(spool));
        }
        using ReportSpool again = folder.Open();
        Assert.Equal((4UL, 6), (again.Dropped, again.Waiting));
    }

    [Fact]
    public void A_spool_that_another_agent_uses_is_refused()
    {
        using ReportSpool spool = folder.Open();

        Assert.Contains("Does another agent use it?", Assert.Throws<UserException>(() => folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_what_to_do()
    {
        string file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        Assert.Contains("cannot be used", Assert.Throws<UserException>(() => new ReportSpool(new SpoolOptions { Folder = Path.Combine(file, "spool") }, NullLogger.Instance)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_at_any_byte_it_is_what_it_was_when_that_byte_was_written()
    {
        // What a kill leaves: all that was written up to some byte.
        List<(long Bytes, ulong Next, ulong[] Waiting)> states = [];
        using (ReportSpool spool = folder.Open())
        {
            void Note() => states.Add((spool.Bytes, spool.NextSequence, SpoolFolder.Numbers(spool)));
            Note();
            for (int i = 0; i < 12; i++)
            {
                SpoolFolder.Append(spool, size: 7 * i);
                Note();
                if (i % 3 != 1) continue;
                spool.Settle((ulong)i);
                Note();
            }
        }
        Dictionary<string, byte[]> whole = folder.Save();
        (string file, byte[] bytes) = whole.Single();
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            folder.Load(new Dictionary<string, byte[]> { [file] = bytes[..cut] });
            using ReportSpool spool = folder.Open();
            (long, ulong Next, ulong[] Waiting) wanted = states.LastOrDefault(s => s.Bytes <= cut, (0, 1UL, []));
            Assert.Equal(wanted.Waiting, SpoolFolder.Numbers(spool));
            // A report that is written by half is given up, or its number is free again; no other number is.
            Assert.Equal(wanted.Next + spool.Dropped, spool.NextSequence);
            Assert.InRange(spool.Dropped, 0UL, 1UL);
            SpoolFolder.Append(spool);
        }
    }

    [Fact]
    public void Whatever_byte_is_damaged_no_number_is_used_again_and_every_report_is_there_or_counted()
    {
        List<SpooledReport> all = [];
        HashSet<ulong> settled = [];
        using (ReportSpool spool = folder.Open(SpoolOptions.BytesLeast))
        {
            for (int i = 0; i < 60; i++)
            {
                all.Add(SpoolFolder.Append(spool, size: 100 + i));
                if (i % 4 != 2) continue;
                spool.Settle((ulong)i);
                settled.Add((ulong)i);
            }
        }
        Dictionary<string, byte[]> whole = folder.Save();
        Assert.True(whole.Count > 1, "one file only");
        foreach ((string file, byte[] bytes) in whole)
        {
            for (int at = 0; at < bytes.Length; at++)
            {
                byte[] damaged = [.. bytes];
                damaged[at] ^= (byte)(1 << (at % 8));
                folder.Load(whole.ToDictionary(f => f.Key, f => f.Key == file ? damaged : f.Value));
                using ReportSpool spool = folder.Open(SpoolOptions.BytesLeast);
                Assert.Equal(61UL, spool.NextSequence);
                SpooledReport[] waiting = [.. spool.Oldest(100, _ => true)];
                foreach (SpooledReport report in waiting) Assert.Equal(all[(int)report.Sequence - 1].Value, report.Value);
                ulong[] lost = [.. all.Select(r => r.Sequence).Except(settled).Except(waiting.Select(w => w.Sequence))];
                Assert.Equal((ulong)lost.Length, spool.Dropped);
                Assert.True(lost.Length <= 1);
                // What was acknowledged is sent once more at most.
                Assert.True(waiting.Count(w => settled.Contains(w.Sequence)) <= 1);
            }
        }
    }

    [Fact]
    public void It_behaves_as_a_list_of_what_waits_over_restarts() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 300]).Array[1, 200].Sample(steps =>
        {
            using SpoolFolder own = new();
            ReportSpool spool = own.Open();
            SortedSet<ulong> waiting = [];
            ulong next = 1;
            foreach ((int what, int size) in steps)
            {
                switch (what)
                {
                    case 0:
                        spool.Dispose();
                        spool = own.Open();
                        break;
                    case < 6:
                        SpoolFolder.Append(spool, size);
                        waiting.Add(next++);
                        break;
                    default:
                        if (waiting.Count == 0) continue;
                        ulong number = waiting.ElementAt(size % waiting.Count);
                        spool.Settle(number);
                        waiting.Remove(number);
                        break;
                }
                Assert.Equal((next, waiting.Count, 0UL), (spool.NextSequence, spool.Waiting, spool.Dropped));
            }
            Assert.Equal(waiting, SpoolFolder.Numbers(spool));
            spool.Dispose();
        }, iter: 60);

    public void Dispose() => folder.Dispose();
}
