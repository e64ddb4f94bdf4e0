using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Cuts time into slots, counted from 1970 in UTC, and says which slot of the local week each one is. Where clocks go forward a slot of the
/// week is left out, where they go back one comes twice. The rules come with NodaTime, not from the machine. Not for two threads at once.
/// </summary>
public sealed class SlotClock
{
    private const int MinutesPerDay = 24 * 60;

    private readonly DateTimeZone zone;
    private ZoneInterval interval;

    /// <param name="slotMinutes">15, 30 or 60.</param>
    /// <param name="zone">A name of the IANA time zone database, for instance Europe/Berlin.</param>
    /// <exception cref="UserException">There is no such zone.</exception>
    public SlotClock(int slotMinutes = 60, string zone = "UTC")
    {
        if (slotMinutes is not (15 or 30 or 60)) throw new ArgumentOutOfRangeException(nameof(slotMinutes), slotMinutes, "15, 30 or 60 minutes");
        this.zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone)
            ?? throw new UserException($"time zone '{zone}' is not known; a name such as UTC, Europe/Berlin or America/New_York is wanted");
        SlotMinutes = slotMinutes;
        interval = this.zone.GetZoneInterval(Instant.FromUnixTimeMilliseconds(0));
    }

    public int SlotMinutes { get; }

    public long SlotMs => SlotMinutes * 60_000L;

    public int SlotsPerHour => 60 / SlotMinutes;

    public int SlotsPerDay => MinutesPerDay / SlotMinutes;

    /// <summary>Slots of a week; number 0 begins on Monday at midnight.</summary>
    public int SlotsPerWeek => 7 * SlotsPerDay;

    public string Zone => zone.Id;

    /// <summary>Number of the slot that a time falls in.</summary>
    public long SlotOf(long unixMs) => Math.DivRem(unixMs, SlotMs) is var (quotient, rest) && rest < 0 ? quotient - 1 : quotient;

    public long StartUnixMs(long slot) => slot * SlotMs;

    /// <summary>Slot of the local week, 0 up to <see cref="SlotsPerWeek"/>.</summary>
    public int OfWeek(long slot)
    {
        LocalDateTime local = Local(StartUnixMs(slot));
        return (((int)local.DayOfWeek - 1) * SlotsPerDay) + (((local.Hour * 60) + local.Minute) / SlotMinutes);
    }

    /// <summary>Whether the local day begins with this slot, or within it.</summary>
    public bool BeginsDay(long slot) => Local(StartUnixMs(slot)).Date != Local(StartUnixMs(slot - 1)).Date;

    /// <summary>Local time in words: Mon 2026-01-05 07:00.</summary>
    public string Describe(long unixMs) =>
        LocalDateTimePattern.CreateWithInvariantCulture("ddd uuuu-MM-dd HH:mm").Format(Local(unixMs)) + (Zone == "UTC" ? " UTC" : "");

    private LocalDateTime Local(long unixMs)
    {
        Instant instant = Instant.FromUnixTimeMilliseconds(unixMs);
        if (!interval.Contains(instant)) interval = zone.GetZoneInterval(instant);
        return instant.WithOffset(interval.WallOffset).LocalDateTime;
    }
}
