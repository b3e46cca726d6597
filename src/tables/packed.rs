//! Rows set aside as Parquet because there are too many to hold: how they are written
//! batch by batch, and how the few that a check must see are fetched again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::error::Result;

use super::batch::{SOURCE_FILE, SOURCE_ROW};
use super::cell::Cell;
use super::fetched::{Fetched, Twins, Wanted, keep};
use super::joined::{Joiner, broken};
use super::outline::{OUTLINED, Outline, View};
use super::schema::Table;

/// Rows read at a time when packed rows are looked at.
pub const SCAN_ROWS: usize = 65_536;

/// Finds the character columns of rows that were not kept with them: row number to the
/// column of each field.
pub trait FindColumns: Send + Sync {
    /// The character columns of the rows that begin at `lines`.
    fn columns(&self, lines: &BTreeSet<u64>) -> BTreeMap<u64, Vec<u32>>;
}

/// Where packed rows are.
enum Store {
    /// A file without a name, which goes with the process.
    Spool(File),
    /// A table of another load.
    Path(PathBuf),
}

struct Inner {
    table: &'static Table,
    store: Store,
    rows: u64,
    outline: Outline,
    find: Option<Box<dyn FindColumns>>,
}

/// Rows of one table set aside.
#[derive(Clone)]
pub struct Packed {
    inner: Arc<Inner>,
    /// Numbers of the rows, from 0, that are not to be kept.
    removed: BTreeSet<u64>,
    removed_cents: i128,
}

/// Sets rows aside batch by batch.
pub struct Packer {
    table: &'static Table,
    joiner: Option<Joiner<File>>,
    spool: File,
    rows: u64,
    outline: Outline,
}

impl Packer {
    /// Starts with a file that nobody else writes.
    #[must_use]
    pub fn new(table: &'static Table, spool: File) -> Self {
        Self { table, joiner: None, spool, rows: 0, outline: Outline::empty() }
    }

    /// Adds a batch as [`encode`](super::joined::encode) made it.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, encoded: &Bytes, outline: Outline) -> Result<()> {
        let joiner = match &mut self.joiner {
            Some(joiner) => joiner,
            none => none.insert(Joiner::new(self.spool.try_clone().map_err(broken)?)),
        };
        let rows = joiner.add(encoded, encoded.clone())?;
        self.rows = self.rows.saturating_add(rows);
        self.outline.absorb(outline);
        Ok(())
    }

    /// The rows set aside; nothing where none were.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(self, find: Option<Box<dyn FindColumns>>) -> Result<Option<Packed>> {
        let Some(joiner) = self.joiner else { return Ok(None) };
        joiner.finish()?;
        let store = Store::Spool(self.spool);
        let (table, rows, outline) = (self.table, self.rows, self.outline);
        Ok(Some(Packed::new(Inner { table, store, rows, outline, find })))
    }
}

impl Packed {
    fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), removed: BTreeSet::new(), removed_cents: 0 }
    }

    /// The rows of a stored table of another load, of which only the columns that checks
    /// look at are read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn stored(table: &'static Table, path: PathBuf) -> Result<Self> {
        let mut found = Self::new(Inner {
            table,
            store: Store::Path(path),
            rows: 0,
            outline: Outline::empty(),
            find: None,
        });
        let mut outline = Outline::empty();
        let mut rows = 0_u64;
        found.scan(Some(&found.looked_at()), |batch| {
            let count = u64::try_from(batch.num_rows()).unwrap_or(0);
            rows = rows.saturating_add(count);
            if let Some(more) = Outline::of(table, batch) {
                outline.absorb(more);
            }
            Ok(())
        })?;
        if let Some(inner) = Arc::get_mut(&mut found.inner) {
            (inner.rows, inner.outline) = (rows, outline);
        }
        Ok(found)
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static Table {
        self.inner.table
    }

    /// How many rows are to be kept.
    #[must_use]
    pub fn len(&self) -> u64 {
        let removed = u64::try_from(self.removed.len()).unwrap_or(u64::MAX);
        self.inner.rows.saturating_sub(removed)
    }

    /// Whether no row is to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the checks need to know of the rows.
    #[must_use]
    pub fn outline(&self) -> &Outline {
        &self.inner.outline
    }

    /// The sum of the column `amount` over the rows to be kept, in cents.
    #[must_use]
    pub fn cents(&self) -> Option<i128> {
        self.inner.outline.cents?.checked_sub(self.removed_cents)
    }

    /// Numbers of the rows that are not to be kept.
    #[must_use]
    pub fn removed(&self) -> &BTreeSet<u64> {
        &self.removed
    }

    /// Takes a row out, given its number and amount.
    pub fn remove(&mut self, at: u64, amount: &Cell) {
        if self.removed.insert(at)
            && let Cell::Money(money) = amount
        {
            self.removed_cents = self.removed_cents.saturating_add(money.cents());
        }
    }

    /// The Parquet file that holds them, those taken out included.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<File> {
        match &self.inner.store {
            Store::Spool(file) => file.try_clone(),
            Store::Path(path) => File::open(path),
        }
        .map_err(broken)
    }

    fn looked_at(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.inner.table.key.to_vec();
        names.extend(OUTLINED);
        names.extend([SOURCE_FILE, SOURCE_ROW]);
        names
    }

    /// Reads the rows batch by batch, those taken out included, with some columns or all.
    ///
    /// # Errors
    /// The file cannot be read, or what `take` returns.
    pub fn scan(
        &self,
        columns: Option<&[&str]>,
        mut take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(self.open()?).map_err(broken)?;
        let mask = match columns {
            Some(names) => {
                ProjectionMask::columns(builder.parquet_schema(), names.iter().copied())
            }
            None => ProjectionMask::all(),
        };
        let reader = builder
            .with_batch_size(SCAN_ROWS)
            .with_projection(mask)
            .build()
            .map_err(broken)?;
        for batch in reader {
            let batch = batch.map_err(|error| broken(ParquetError::from(error)))?;
            take(&batch)?;
        }
        Ok(())
    }

    /// Hashes of the keys of all rows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn keys(&self, mut take: impl FnMut(u64)) -> Result<()> {
        if self.outline().runs.is_empty() {
            self.outline().keys.iter().for_each(|key| take(*key));
            return Ok(());
        }
        self.scan(Some(self.inner.table.key), |batch| {
            if let Some(view) = View::new(self.inner.table, batch) {
                (0..batch.num_rows()).for_each(|row| take(view.key(row)));
            }
            Ok(())
        })
    }

    /// Hashes of project, kind, date and amount of each row.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn twins(&self, mut take: impl FnMut(u64)) -> Result<()> {
        let names = ["project_id", "kind", "date", "amount"];
        self.scan(Some(&names), |batch| {
            let twins = Twins::of(batch);
            if let Some(twins) = twins {
                (0..batch.num_rows()).for_each(|row| take(twins.hash(row)));
            }
            Ok(())
        })
    }

    /// Fetches the rows that are wanted, at most `most`, unless they were taken out;
    /// returns also how many more there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn fetch(&self, wanted: &Wanted, most: usize) -> Result<(Vec<Fetched>, u64)> {
        let mut out: Vec<Fetched> = Vec::new();
        let (mut at, mut count, mut left) = (0_u64, 0_usize, 0_u64);
        self.scan(Some(&self.looked_at()), |batch| {
            let Some(view) = View::new(self.inner.table, batch) else { return Ok(()) };
            let twins = if wanted.twins.is_empty() { None } else { Twins::of(batch) };
            for row in 0..batch.num_rows() {
                let number = at;
                at = at.saturating_add(1);
                if self.removed.contains(&number)
                    || !wanted.wants(&view, twins.as_ref(), row)
                {
                    continue;
                }
                if count < most {
                    keep(&mut out, self.inner.table, batch, row, number);
                    count = count.saturating_add(1);
                } else {
                    left = left.saturating_add(1);
                }
            }
            Ok(())
        })?;
        if let Some(find) = &self.inner.find {
            for fetched in &mut out {
                let lines = fetched.rows.rows.iter().map(|row| row.row).collect();
                let columns = find.columns(&lines);
                for row in &mut fetched.rows.rows {
                    row.columns = columns.get(&row.row).cloned().unwrap_or_default();
                }
            }
        }
        Ok((out, left))
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} packed rows of `{}`", self.len(), self.inner.table.name)
    }
}
