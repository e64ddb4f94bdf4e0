using CsCheck;
using Pipeline.Processors.Communities;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.CommunityEvent.Types.Kind;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class CommunityTrackerTests
{
    private const long Now = 1_700_000_000_000, Hour = 3_600_000;

    private static readonly string[] Vms = [.. Enumerable.Range(0, 12).Select(i => $"vm-{i:00}")];

    [Fact]
    public void The_first_partition_is_numbered_from_one_and_singletons_are_silent()
    {
        CommunityUpdate update = new CommunityTracker().Update(Vms[..5], [0, 0, 1, 2, 2], Now);
        Assert.Equal([1u, 1, 2, 3, 3], update.Ids);
        Assert.Equal([(Kind.Born, 1u), (Kind.Born, 3u)], update.Events.Select(e => (e.Kind, e.Community)));
    }

    [Fact]
    public void Communities_keep_their_numbers_when_labels_and_rows_change_order()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..6], [0, 0, 0, 1, 1, 1], Now);
        CommunityUpdate update = tracker.Update([Vms[5], Vms[4], Vms[3], Vms[2], Vms[1], Vms[0]], [0, 0, 0, 1, 1, 1], Now);
        Assert.Equal([2u, 2, 2, 1, 1, 1], update.Ids);
        Assert.Empty(update.Events);
    }

    [Fact]
    public void A_split_names_its_parts_and_the_larger_keeps_the_number()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..5], [0, 0, 0, 0, 0], Now);
        CommunityUpdate update = tracker.Update(Vms[..5], [0, 0, 1, 1, 1], Now);
        Assert.Equal([2u, 2, 1, 1, 1], update.Ids);
        CommunityEvent split = Assert.Single(update.Events);
        Assert.Equal((Kind.Split, 1u), (split.Kind, split.Community));
        Assert.Equal([1u, 2], split.Others);
    }

    [Fact]
    public void The_number_stays_with_those_who_have_had_it_longest()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..6], [0, 0, 1, 2, 3, 4], Now);
        tracker.Update(Vms[..6], [0, 0, 0, 0, 0, 1], Now + (10 * Hour));
        // Two of ten hours against three of one.
        CommunityUpdate update = tracker.Update(Vms[..6], [0, 0, 1, 1, 1, 2], Now + (11 * Hour));
        Assert.Equal([1u, 1], update.Ids[..2]);
        Assert.NotEqual(1u, update.Ids[2]);
        Assert.Equal([Now, Now, Now + (11 * Hour)], update.SinceUnixMs[..3]);
    }

    [Fact]
    public void Who_changes_number_in_a_split_or_merge_has_not_moved()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..10], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], Now);
        // The second community falls apart: half of it goes into the first.
        CommunityUpdate update = tracker.Update(Vms[..10], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1], Now);
        Assert.Equal([Kind.Split], update.Events.Select(e => e.Kind));
    }

    [Fact]
    public void A_merge_names_what_went_in_and_the_larger_keeps_its_number()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..5], [0, 0, 1, 1, 1], Now);
        CommunityUpdate update = tracker.Update(Vms[..5], [0, 0, 0, 0, 0], Now);
        Assert.Equal([2u, 2, 2, 2, 2], update.Ids);
        CommunityEvent merged = Assert.Single(update.Events);
        Assert.Equal((Kind.Merged, 2u), (merged.Kind, merged.Community));
        Assert.Equal([1u, 2], merged.Others);
    }

    [Fact]
    public void A_vm_between_two_lasting_communities_has_moved()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..8], [0, 0, 0, 0, 1, 1, 1, 1], Now);
        CommunityUpdate update = tracker.Update(Vms[..8], [0, 0, 0, 1, 1, 1, 1, 1], Now);
        CommunityEvent moved = Assert.Single(update.Events);
        Assert.Equal((Kind.Moved, 2u, Vms[3]), (moved.Kind, moved.Community, moved.Vm));
        Assert.Equal([1u], moved.Others);
    }

    [Fact]
    public void A_community_whose_vms_leave_dies_and_its_number_is_not_given_again()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..6], [0, 0, 0, 1, 1, 1], Now);
        CommunityUpdate gone = tracker.Update(Vms[..3], [0, 0, 0], Now);
        CommunityEvent died = Assert.Single(gone.Events);
        Assert.Equal((Kind.Died, 2u), (died.Kind, died.Community));
        Assert.Equal([1u, 1, 1, 3, 3, 3], tracker.Update(Vms[..6], [0, 0, 0, 1, 1, 1], Now).Ids);
    }

    [Fact]
    public void A_community_that_shrinks_to_one_vm_has_died_and_one_that_grows_from_it_is_born()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..3], [0, 0, 0], Now);
        CommunityUpdate shrunk = tracker.Update(Vms[..1], [0], Now);
        Assert.Equal((Kind.Died, 1u), (Assert.Single(shrunk.Events).Kind, shrunk.Ids[0]));
        CommunityUpdate grown = tracker.Update(Vms[..3], [0, 0, 0], Now);
        Assert.Equal((Kind.Born, 1u), (Assert.Single(grown.Events).Kind, grown.Ids[0]));
    }

    [Fact]
    public void Of_equal_overlaps_the_closer_match_keeps_the_number_then_the_older()
    {
        CommunityTracker tracker = new();
        // Both new ones share two VMs with the old one; the second of them is nothing else.
        tracker.Update(Vms[..4], [0, 0, 0, 0], Now);
        Assert.Equal([2u, 2, 1, 1, 2], tracker.Update(Vms[..5], [0, 0, 1, 1, 0], Now).Ids);
        tracker = new();
        tracker.Update(Vms[..4], [0, 0, 1, 1], Now);
        Assert.Equal([1u, 1, 1, 1], tracker.Update(Vms[..4], [0, 0, 0, 0], Now).Ids);
    }

    [Fact]
    public void A_restored_tracker_goes_on_as_the_one_that_was_never_stopped() =>
        Gen.Int[0, 3].Array[12].Array[2, 6].Sample(partitions =>
        {
            CommunityTracker first = new();
            foreach (int[] labels in partitions[..^1])
            {
                CommunityUpdate before = first.Update(Vms, Gapless(labels), Now);
                CommunityTracker second = new();
                // As it is read back: in chunks, the number of the last community given kept by a VM of its own.
                second.Restore([$"last-{first.NextId}"], [first.NextId - 1], [Now]);
                second.Clear();
                second.Restore(Vms[..5], before.Ids[..5], before.SinceUnixMs[..5]);
                second.Restore(Vms[5..], before.Ids[5..], before.SinceUnixMs[5..]);
                Assert.Equal(first.NextId, second.NextId);
                Assert.Equal(first.LabelsFor(Vms), second.LabelsFor(Vms));
                first = second;
            }
            CommunityTracker whole = new();
            foreach (int[] labels in partitions[..^1]) whole.Update(Vms, Gapless(labels), Now);
            CommunityUpdate expected = whole.Update(Vms, Gapless(partitions[^1]), Now), update = first.Update(Vms, Gapless(partitions[^1]), Now);
            Assert.Equal(expected.Ids, update.Ids);
            Assert.Equal(expected.Events, update.Events);
        }, iter: 200, seed: "0000000000000");

    [Fact]
    public void Numbers_belong_to_one_community_each_and_the_order_of_vms_does_not_matter() =>
        Gen.Select(Gen.Int[0, 3].Array[12], Gen.Int[0, 3].Array[12], Gen.Int[1, 11]).Sample((first, second, turn) =>
        {
            CommunityTracker tracker = new(), turned = new();
            tracker.Update(Vms, Gapless(first), Now);
            turned.Update(Vms, Gapless(first), Now);
            CommunityUpdate update = tracker.Update(Vms, Gapless(second), Now);
            for (int i = 0; i < Vms.Length; i++)
                for (int j = 0; j < Vms.Length; j++) Assert.Equal(second[i] == second[j], update.Ids[i] == update.Ids[j]);
            // Labels stay as they are, rows turn.
            int[] labels = Gapless(second);
            uint[] again = turned.Update([.. Vms[turn..], .. Vms[..turn]], [.. labels[turn..], .. labels[..turn]], Now).Ids;
            uint[] back = [.. again[^turn..], .. again[..^turn]];
            Assert.Equal(update.Ids, back);
        }, iter: 300, seed: "0000000000000");

    [Fact]
    public void Between_partitions_a_new_vm_is_alone_and_the_others_stay()
    {
        CommunityTracker tracker = new();
        tracker.Update(Vms[..4], [0, 0, 1, 1], Now);
        Assert.Equal([1u, 1, 2, 2, 3], tracker.Extend(Vms[..5], Now).Ids);
        Assert.Equal([1u, 1, 2, 2, 3], tracker.Extend(Vms[..5], Now).Ids);
        Assert.Equal([0, 0, 1, 1, 2, 3], tracker.LabelsFor(Vms[..6]));
    }

    private static int[] Gapless(int[] labels)
    {
        List<int> seen = [];
        return [.. labels.Select(label =>
        {
            if (!seen.Contains(label)) seen.Add(label);
            return seen.IndexOf(label);
        })];
    }
}
