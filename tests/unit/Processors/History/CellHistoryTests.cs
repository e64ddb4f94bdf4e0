using Pipeline.Processors.History;

namespace Pipeline.Tests.Unit.Processors.History;

public sealed class CellHistoryTests
{
    [Fact]
    public void A_span_of_any_past_holds_what_was_set_and_nan_where_nothing_was()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            int reach = random.Next(6);
            double density = random.NextDouble();
            CellHistory history = new(new HistoryOptions { Reach = reach });
            int slot = history.Add(2, 1000);
            Dictionary<long, float> truth = [];
            long step = 1000;
            for (int i = random.Next(2000, 4000); i > 0; i--)
            {
                history.Advance(step += random.Next(1, 4));
                if (random.NextDouble() > density) continue;
                truth[step] = step;
                history.Set(slot, step, new StepValues(step));
            }
            for (long last = step - reach; last <= step; last++) Check(history, slot, last, truth);
        }
    }

    [Fact]
    public void A_step_in_reach_can_be_set_again_and_one_long_past_is_left_alone()
    {
        CellHistory history = new(new HistoryOptions { Reach = 2 });
        int slot = history.Add(1, 1);
        for (long step = 1; step <= 3000; step++)
        {
            history.Advance(step);
            history.Set(slot, step, new StepValues(0.1f));
        }
        history.Set(slot, 2998, new StepValues(0.7f, Memory: 0.5f));
        history.Set(slot, 1, new StepValues(0.9f));
        Assert.Equal(0.7f, history.Cpu(slot, 3000, 3)[0]);
        Assert.Equal(0.5f, history.Window(slot, 2998)[^5]);
        Assert.DoesNotContain(0.9f, history.Cpu(slot, 3000, HistoryOptions.MemorySteps).ToArray());
    }

    [Fact]
    public void A_jump_beyond_all_that_is_kept_forgets_everything()
    {
        CellHistory history = new(new HistoryOptions());
        int slot = history.Add(1, 1);
        history.Advance(10);
        history.Set(slot, 10, new StepValues(0.5f));
        history.Advance(1_000_000);
        history.Set(slot, 1_000_000, new StepValues(0.25f));
        float[] past = history.Cpu(slot, 1_000_000, HistoryOptions.MemorySteps).ToArray();
        Assert.Equal(0.25f, past[^1]);
        Assert.All(past[..^1], v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void A_slot_given_to_another_vm_starts_empty()
    {
        CellHistory history = new(new HistoryOptions());
        int slot = history.Add(1, 1);
        history.Advance(5);
        history.Set(slot, 5, new StepValues(0.5f));
        history.Remove(slot);
        Assert.Equal(slot, history.Add(4, 2));
        Assert.True(float.IsNaN(history.Cpu(slot, 5, 1)[0]));
        Assert.Equal(4f, history.Cores(slot));
    }

    [Fact]
    public void More_past_than_is_kept_is_refused()
    {
        CellHistory history = new(new HistoryOptions { Reach = 2 });
        int slot = history.Add(1, 1);
        history.Advance(5000);
        Assert.Throws<ArgumentOutOfRangeException>(() => history.Cpu(slot, 4997, HistoryOptions.MemorySteps).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => history.Window(slot, 4997).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => history.Cpu(slot, 5001, 1).Length);
    }

    [Fact]
    public void Rates_are_scaled_so_that_a_float16_holds_them()
    {
        float[] columns = new float[SignalSet.Count];
        SignalSet.Scale(new StepValues(1.2f, 0.5f, 0f, 1000f, 12.5e9f), columns);
        Assert.Equal([1.2f, 0.5f, 0f, MathF.Log(2f), MathF.Log(12.5e6f + 1f), float.NaN], columns);
    }

    private static void Check(CellHistory history, int slot, long last, Dictionary<long, float> truth)
    {
        ReadOnlySpan<float> cpu = history.Cpu(slot, last, HistoryOptions.MemorySteps), window = history.Window(slot, last);
        for (int i = 0; i < cpu.Length; i++) Assert.Equal(truth.GetValueOrDefault(last - cpu.Length + 1 + i, float.NaN), cpu[i]);
        for (int i = 0; i < HistoryOptions.WindowSteps; i++)
            Assert.Equal(truth.GetValueOrDefault(last - HistoryOptions.WindowSteps + 1 + i, float.NaN), window[i * SignalSet.Count]);
    }
}
